extension Table {
  /// One part of a folded table, with headings of its own.
  struct Block {
    var table: Table
    var part: [Int]
    var widths: [Int]
    var nameWidth: Int
    var texts: [[Field]?]
    var paint: Paint

    func lines(isFirst: Bool, width: Int?) -> [String] {
      let sections = table.runs(of: part.filter { !table.columns[$0].section.isEmpty }, by: \.section)
      // With several sections side by side each is named above its columns, else in the corner.
      let corner = sections.count == 1 ? table.columns[part[0]].section : ""
      var lines: [String] = []
      let above = heading(by: sections.count > 1 ? \.section : \.group)
      if let above { lines.append(above) }
      if sections.count > 1, let groups = heading(by: \.group) { lines.append(groups) }
      lines.append(paint(line(padded(corner, to: nameWidth), titles()), .heading))
      for (row, fields) in zip(table.rows, texts) {
        let name = row.name.count > nameWidth ? String(row.name.prefix(nameWidth - 1)) + "…" : row.name
        let shownName = paint(padded(name, to: nameWidth), row.emphasis)
        if let fields {
          lines.append(line(shownName, fields))
        } else if isFirst, case .words(let words, let emphasis) = row.content {
          let room = max(16, (width ?? .max) - nameWidth - Table.gap)
          for (index, piece) in wrap(words, width: room).enumerated() {
            let margin = index == 0 ? shownName : String(repeating: " ", count: nameWidth)
            lines.append(margin + "  " + paint(piece, emphasis))
          }
        }
      }
      return lines
    }

    private func titles() -> [Field?] {
      table.columns.map { Field(text: $0.title) }
    }

    /// Name and fields, figures to the right; a best one without colour has a star in the gap behind it.
    private func line(_ name: String, _ fields: [Field?]) -> String {
      var text = name
      var hasStar = false
      for column in part {
        guard let field = fields[column] else { continue }
        text += String(repeating: " ", count: hasStar ? Table.gap - 1 : Table.gap)
        let blank = String(repeating: " ", count: max(0, widths[column] - field.text.count))
        let shown = paint(field.text, field.emphasis)
        text += table.columns[column].isLeftAligned ? shown + blank : blank + shown
        hasStar = field.emphasis == .best && !paint.isColoured
        if hasStar { text += "*" }
      }
      while text.last == " " { text.removeLast() }
      return text
    }

    /// Names in the middle of a rule over the columns that share them; nil if there are none.
    private func heading(by key: KeyPath<Column, String>) -> String? {
      let runs = table.runs(of: part, by: key)
      if runs.allSatisfy({ table.columns[$0[0]][keyPath: key].isEmpty }) { return nil }
      var text = String(repeating: " ", count: nameWidth)
      for run in runs {
        let name = table.columns[run[0]][keyPath: key]
        let room = run.reduce(-Table.gap) { $0 + Table.gap + widths[$1] }
        let blank = max(0, room - name.count - 2)
        let rule = name.isEmpty ? " " : "─"
        let left = String(repeating: rule, count: blank / 2)
        let right = String(repeating: rule, count: blank - blank / 2)
        let shown = room < name.count + 2 ? String(name.prefix(room)) : left + " " + name + " " + right
        text += "  " + padded(shown, to: room)
      }
      while text.last == " " { text.removeLast() }
      return paint(text, .faint)
    }
  }
}

/// Blanks up to a width.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}

/// The words of a text on lines of at most `width`; a longer word is cut.
func wrap(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
    while line.count > width {
      lines.append(String(line.prefix(width)))
      line = String(line.dropFirst(width))
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}
