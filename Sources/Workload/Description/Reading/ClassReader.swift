/// Reads the `[objects C]` sections, or the one class that stands at the top.
struct ClassReader {
  let context: ReadingContext
  let scopes: ScopeReader

  func readAll(_ sections: SectionReader) -> [ObjectClass] {
    let top = sections.top
    let keys = FormatSection.objects.keys.filter { top[$0] != nil }
    if !sections.classes.isEmpty {
      for key in keys {
        guard let entry = top[key] else { continue }
        context.diagnostics.error(
          "'\(key.rawValue)' at the top describes a class of its own, but the file has [objects] sections; "
            + "move it into one of them", at: entry.key.span)
      }
    } else if keys.isEmpty {
      context.diagnostics.error(
        "nothing is allocated: give 'size' and 'lifetime' at the top, or an [objects NAME] section", at: .start)
      return []
    }
    let described = sections.classes.isEmpty ? [top] : sections.classes
    var classes = described.map { objectClass($0, firstKey: keys.first) }
    let shares = shares(described)
    for index in classes.indices { classes[index].share = shares[index] }
    return classes
  }

  private func objectClass(_ section: Section, firstKey: FormatKey?) -> ObjectClass {
    let isTop = section.kind == .workload
    var place = section.span
    if isTop, let firstKey, let entry = section[firstKey] { place = entry.key.span }
    for key in [FormatKey.size, .lifetime] where section[key] == nil {
      let home = isTop ? "beside the other keys of the class" : "in [objects \(section.name)]"
      context.diagnostics.error("'\(key.rawValue)' is missing \(home)", at: place)
    }
    var result = ObjectClass(
      name: isTop ? ObjectClass.standardName : section.name, size: size(section), lifetime: lifetime(section))
    if let entry = section[.call] { result.calls = calls(entry) ?? result.calls }
    if let entry = section[.touch] { result.touch = context.keyword(entry, for: .touch) ?? result.touch }
    if let entry = section[.access], let primary = context.single(entry, for: .access) {
      result.access = context.real(primary, .pure, upTo: 1e6) ?? 0
    }
    if let entry = section[.write], let primary = context.single(entry, for: .write) {
      result.write = context.percentage(primary)?.hundredth.double ?? 0
    }
    if let entry = section[.resize] { result.resize = resize(entry) }
    if let entry = section[.freedBy] { result.freedByOther = freedByOther(entry) ?? 0 }
    check(result, in: section)
    return result
  }

  // MARK: Keys together

  private func check(_ result: ObjectClass, in section: Section) {
    if result.freedByOther > 0, let entry = section[.freedBy] {
      switch result.lifetime {
      case .scope:
        context.diagnostics.error("objects that end with a scope can't be freed by another lane", at: entry.span)
      case .forever:
        context.diagnostics.error("objects that live forever can't be freed by another lane", at: entry.span)
      case .drawn, .fifo, .lifo: break
      }
    }
    let isAligned = result.calls.contains { if case .aligned = $0.call { true } else { false } }
    if result.resize != nil, isAligned, let entry = section[.resize] {
      context.diagnostics.error("objects that are asked for with 'aligned' can't be resized", at: entry.span)
    }
  }

  /// `share` is one list over all classes.
  private func shares(_ sections: [Section]) -> [Double] {
    let standard = sections.map { _ in 1.0 }
    let primaries = sections.map { section in section[.share].flatMap { context.single($0, for: .share) } }
    let given = primaries.compactMap { $0 }
    let silent = sections.filter { $0[.share] == nil }
    guard let first = given.first,
      let weights = context.weights(given, span: first.span, mayVanish: !silent.isEmpty)
    else { return standard }
    if first.isPercent, let section = silent.first {
      context.error(
        "class \(quoted(section.name)) has no share; percentages need one in every class", at: first)
      return standard
    }
    var rest = weights[...]
    return primaries.map { $0 == nil ? 1 : rest.removeFirst() }
  }
}

extension ObjectClass {
  /// Of the class that the keys at the top describe.
  static let standardName = "all"
}
