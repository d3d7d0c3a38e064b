/// Reads the `[scope S]` sections and checks how they stand inside each other.
struct ScopeReader {
  let context: ReadingContext
  private(set) var scopes: [Scope] = []

  init(_ sections: [Section], context: ReadingContext) {
    self.context = context
    for section in sections {
      scopes.append(Scope(name: section.name, length: length(section), inside: nil))
    }
    var holders: [Int: Assignment] = [:]
    for (index, section) in sections.enumerated() {
      guard let entry = section[.inside], let primary = context.single(entry, for: .inside),
        let outer = self.index(primary)
      else { continue }
      if let first = holders[outer] {
        context.error(
          "scope \(quoted(scopes[outer].name)) already holds another scope, by line \(first.key.span.line); "
            + "it can hold only one", at: primary)
        continue
      }
      holders[outer] = entry
      scopes[index].inside = outer
    }
    checkCircles(sections)
  }

  private func length(_ section: Section) -> Distribution {
    guard let entry = section[.length] else {
      context.diagnostics.error("'length' is missing in [scope \(section.name)]", at: section.span)
      return .fixed(1)
    }
    let reader = DistributionReader(context: context, quantity: .length)
    return context.single(entry, for: .length).flatMap { reader.read($0) } ?? .fixed(1)
  }

  /// The scope that a word names, or nil once the fault is reported.
  func index(_ primary: ValuePrimary) -> Int? {
    let names = scopes.map(\.name)
    if names.isEmpty {
      context.error("\(primary.shown) is not a scope; the file has no [scope] section", at: primary)
      return nil
    }
    return context.word(primary, among: names, noun: "a scope").flatMap { names.firstIndex(of: $0) }
  }

  /// A scope has one holder and holds one scope, so that every circle is a ring without branches.
  private mutating func checkCircles(_ sections: [Section]) {
    var isSettled = scopes.map { _ in false }
    for start in scopes.indices where !isSettled[start] {
      var path: [Int] = []
      var current: Int? = start
      while let scope = current, !isSettled[scope] {
        isSettled[scope] = true
        path.append(scope)
        current = scopes[scope].inside
      }
      guard let again = current, let first = path.firstIndex(of: again) else { continue }
      let ring = path[first...] + [again]
      let place = sections[again][.inside]?.span ?? sections[again].span
      context.diagnostics.error(
        "scopes stand inside each other in a circle: \(ring.map { scopes[$0].name }.joined(separator: " in "))",
        at: place)
      scopes[again].inside = nil
    }
  }
}
