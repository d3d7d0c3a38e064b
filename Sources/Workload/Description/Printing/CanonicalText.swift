extension WorkloadDescription {
  /// The description as a file in one fixed form: parsing it gives an equal value, and printing that the same text.
  ///
  /// Units are as large as they come out whole, keys that hold their default are left out. Parameters have been put in
  /// where they stood and are listed with the text that stands for each. A quotation mark that can't be written
  /// becomes an apostrophe, a line end in a text a space; what was parsed holds neither.
  public var canonicalText: String {
    var printer = CanonicalPrinter()
    printer.print(self)
    return printer.text
  }
}

/// Builds the text of a description, section by section.
struct CanonicalPrinter {
  private(set) var text = ""

  mutating func print(_ workload: WorkloadDescription) {
    entry(.name, Self.text(workload.name, isName: true))
    if let summary = workload.summary { entry(.description, Self.text(summary, isName: false)) }
    entry(.seed, "\(workload.seed)")
    entry(.threads, "\(workload.threads)")
    if !workload.parameters.isEmpty {
      header("parameters")
      for parameter in workload.parameters { line(parameter.name, parameter.value) }
    }
    for scope in workload.scopes {
      header("scope \(scope.name)")
      entry(.length, scope.length.text(.count))
      if let outer = scope.inside { entry(.inside, workload.scopes[outer].name) }
    }
    let hasShares = workload.classes.contains { $0.share != 1 }
    let shares = SharePrinter(workload.classes.map(\.share))
    for objects in workload.classes {
      print(objects, scopes: workload.scopes, share: hasShares ? shares.text(objects.share) : nil)
    }
    for phase in workload.phases { print(phase, of: workload) }
  }

  private mutating func print(_ objects: ObjectClass, scopes: [Scope], share: String?) {
    header("objects \(objects.name)")
    entry(.size, objects.size.text(.bytes))
    switch objects.lifetime {
    case .drawn(let distribution): entry(.lifetime, distribution.text(.count))
    case .forever: entry(.lifetime, "forever")
    case .scope(let scope): entry(.lifetime, "scope(\(scopes[scope].name))")
    case .fifo(let depth): entry(.lifetime, "fifo(\(Unit.count.text(depth)))")
    case .lifo(let depth): entry(.lifetime, "lifo(\(Unit.count.text(depth)))")
    }
    if let share { entry(.share, share) }
    if objects.calls != [CallShare(call: .malloc, weight: 1)] {
      entry(.call, Self.list(objects.calls.map { (Self.text($0.call), $0.weight) }))
    }
    if objects.touch != .first { entry(.touch, objects.touch.rawValue) }
    if objects.access != 0 { entry(.access, Decimal.text(objects.access)) }
    if objects.write != 0 { entry(.write, SharePrinter.percentage(objects.write)) }
    if let resize = objects.resize {
      let factor = resize.factor == 2 ? "" : " factor=\(Decimal.text(resize.factor))"
      let times = resize.times == 1 ? "" : " times=\(resize.times)"
      entry(.resize, SharePrinter.percentage(resize.share) + factor + times)
    }
    if objects.freedByOther == 1 {
      entry(.freedBy, "other")
    } else if objects.freedByOther > 0 {
      entry(.freedBy, "other \(SharePrinter.percentage(objects.freedByOther))")
    }
  }

  private mutating func print(_ phase: Phase, of workload: WorkloadDescription) {
    header("phase \(phase.name)")
    entry(.operations, Unit.count.text(phase.operations))
    if phase.threads != workload.threads { entry(.threads, "\(phase.threads)") }
    if phase.consumers > 0 { entry(.consumers, "\(phase.consumers)") }
    entry(.mix, Self.list(phase.mix.map { (workload.classes[$0.classIndex].name, $0.weight) }))
    if let rate = phase.rate { entry(.rate, "\(Unit.count.text(rate))/s") }
    if let life = phase.threadLife { entry(.threadLife, Unit.count.text(life)) }
    if phase.freesAtEnd { entry(.atEnd, "free") }
    if phase.pauseNanoseconds > 0 { entry(.pause, Unit.nanoseconds.text(phase.pauseNanoseconds)) }
  }

  // MARK: Lines

  private mutating func header(_ title: String) { text += "\n[\(title)]\n" }

  private mutating func entry(_ key: FormatKey, _ value: String) { line(key.rawValue, value) }

  private mutating func line(_ key: String, _ value: String) {
    let padding = String(repeating: " ", count: max(0, 11 - key.count))
    text += "\(key)\(padding) = \(value)\n"
  }

  // MARK: Values

  /// `a 60%, b 40%`, or a name alone.
  private static func list(_ entries: [(name: String, weight: Double)]) -> String {
    if entries.count == 1, entries[0].weight == 1 { return entries[0].name }
    let shares = SharePrinter(entries.map(\.weight))
    return entries.map { "\($0.name) \(shares.text($0.weight))" }.joined(separator: ", ")
  }

  private static func text(_ call: Call) -> String {
    switch call {
    case .malloc: "malloc"
    case .calloc: "calloc"
    case .aligned(let alignment): "aligned(\(Unit.bytes.text(UInt64(alignment))))"
    }
  }

  /// Bare where that is read back as it is, else between quotation marks.
  private static func text(_ value: String, isName: Bool) -> String {
    let isBare = isName ? Lexer.isName(value) : Assignment.reading(value).map { !$0.isQuoted } ?? false
    if isBare { return value }
    var inside = String.UnicodeScalarView()
    for scalar in value.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\t"
      inside.append(scalar == "\"" ? "'" : isControl ? " " : scalar)
    }
    return "\"\(String(inside))\""
  }
}
