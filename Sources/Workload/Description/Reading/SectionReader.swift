/// A section with its entries sorted by key.
struct Section {
  var kind: FormatSection
  /// Empty at the top.
  var name: String
  /// The name in the header, or the header, or the file's start.
  var span: SourceSpan
  private(set) var entries: [FormatKey: Assignment] = [:]

  init(kind: FormatSection, name: String, span: SourceSpan) {
    self.kind = kind
    self.name = name
    self.span = span
  }

  subscript(key: FormatKey) -> Assignment? { entries[key] }

  /// Adds an entry, or reports that its key is unknown or given before.
  mutating func add(_ assignment: Assignment, diagnostics: DiagnosticCollector) {
    let word = assignment.key.text
    guard let key = FormatKey(rawValue: word), kind.keys.contains(key) else {
      let home = FormatSection.allCases.filter { $0.keys.map(\.rawValue).contains(word) }.map(\.title)
      let known = kind.keys.map(\.rawValue)
      let remedy = home.isEmpty ? hint(for: word, among: known) : "; it belongs to \(home.joined(separator: " or "))"
      diagnostics.error("\(quoted(word)) is not a key of \(kind.title)\(remedy)", at: assignment.key.span)
      return
    }
    if let first = entries[key] {
      diagnostics.error(
        "'\(word)' is given twice; it stands on line \(first.key.span.line) already", at: assignment.key.span)
      return
    }
    entries[key] = assignment
  }
}

/// A file's sections by kind, each in the order of the file.
struct SectionReader {
  private(set) var top = Section(kind: .workload, name: "", span: .start)
  private(set) var parameters: [Assignment] = []
  private(set) var scopes: [Section] = []
  private(set) var classes: [Section] = []
  private(set) var phases: [Section] = []

  private let diagnostics: DiagnosticCollector
  private var parameterHeader: SourceSpan?

  init(_ statements: [Statement], diagnostics: DiagnosticCollector) {
    self.diagnostics = diagnostics
    /// The section that assignments belong to; nil for one that is unknown, whose keys mean nothing.
    var current: Section? = top
    for statement in statements {
      switch statement {
      case .header(let header):
        close(current)
        current = section(header)
      case .assignment(let assignment):
        if current?.kind == .parameters {
          parameters.append(assignment)
        } else {
          current?.add(assignment, diagnostics: diagnostics)
        }
      }
    }
    close(current)
    scopes = checked(scopes)
    classes = checked(classes)
    phases = checked(phases)
  }

  private mutating func close(_ section: Section?) {
    guard let section else { return }
    switch section.kind {
    case .workload: top = section
    case .parameters: break
    case .scope: scopes.append(section)
    case .objects: classes.append(section)
    case .phase: phases.append(section)
    }
  }

  /// The section of a header; one of unknown kind is taken for its nearest, so that its name and keys are known.
  private mutating func section(_ header: Header) -> Section? {
    guard let word = header.kind else { return nil }
    var kind = FormatSection(rawValue: word.text)
    if kind == nil {
      let known = FormatSection.headerWords
      diagnostics.error("\(quoted(word.text)) is not a section\(hint(for: word.text, among: known))", at: word.span)
      kind = nearest(to: word.text, in: known).flatMap { FormatSection(rawValue: $0) }
    }
    guard let kind else { return nil }
    if kind == .parameters {
      if let name = header.name { diagnostics.error("[parameters] has no name", at: name.span) }
      if let first = parameterHeader {
        diagnostics.error("[parameters] is given twice; it stands on line \(first.line) already", at: header.span)
      }
      parameterHeader = parameterHeader ?? header.span
    } else if header.name == nil, !header.isBroken {
      diagnostics.error("the section needs a name: \(kind.title)", at: header.span)
    }
    return Section(kind: kind, name: header.name?.text ?? "", span: header.name?.span ?? header.span)
  }

  /// Reports names given twice and a surplus of sections, which is dropped.
  private func checked(_ sections: [Section]) -> [Section] {
    var lines: [String: Int] = [:]
    for section in sections where !section.name.isEmpty {
      if let line = lines[section.name] {
        diagnostics.error(
          "[\(section.kind.rawValue) \(section.name)] is given twice; it stands on line \(line) already",
          at: section.span)
      } else {
        lines[section.name] = section.span.line
      }
    }
    guard sections.count > FormatSection.largestCount else { return sections }
    let surplus = sections[FormatSection.largestCount]
    diagnostics.error(
      "there are more than \(FormatSection.largestCount) [\(surplus.kind.rawValue)] sections", at: surplus.span)
    return Array(sections.prefix(FormatSection.largestCount))
  }
}
