public import Workload

/// The page on a pool of this repository: layout, costs, options, limits, what it is good for.
public struct PoolExplanation {
  private let subject: Subject
  private let page: PoolPage

  /// - Returns: nil for a subject that is no pool of this repository.
  public init?(_ subject: Subject) {
    guard let page = PoolPage.of(subject.base) else { return nil }
    self.subject = subject
    self.page = page
  }

  public func text(width: Int, paint: Paint) -> String {
    var lines = [paint(subject.name, .heading)] + wrap(page.summary, width: width)
    lines += [""] + page.layout.map { "  " + $0 }
    lines += section("calls", page.steps.map { ($0.call, $0.does) }, width: width, paint: paint)
    let options = subject.base.options.map { form in
      (form.usage, form.meaning + (form.standard.map { "; \($0) where nothing is said" } ?? ""))
    }
    lines += section("options", options, width: width, paint: paint)
    lines += section("serves", Self.facts(subject.capabilities), width: width, paint: paint)
    lines += section("limits", page.limits.map { ("–", $0) }, width: width, paint: paint)
    lines += ["", paint("good for", .heading)] + indented(page.use, width: width)
    lines += ["", paint("source", .heading)] + indented(page.source, width: width)
    return lines.map { $0 + "\n" }.joined()
  }

  private func indented(_ text: String, width: Int) -> [String] {
    wrap(text, width: max(16, width - 2)).map { "  " + $0 }
  }

  /// A heading and entries with a name each, whose words stand beside it, or below where the name is long.
  private func section(_ title: String, _ entries: [(name: String, words: String)], width: Int, paint: Paint)
    -> [String]
  {
    if entries.isEmpty { return [] }
    let longest = entries.map(\.name.count).max() ?? 0
    let nameWidth = min(longest, width / 3)
    var lines = ["", paint(title, .heading)]
    for entry in entries {
      let words = wrap(entry.words, width: max(16, width - nameWidth - 4))
      let isBeside = entry.name.count <= nameWidth
      if !isBeside { lines.append("  " + entry.name) }
      for (index, line) in words.enumerated() {
        lines.append("  " + padded(index == 0 && isBeside ? entry.name : "", to: nameWidth) + "  " + line)
      }
    }
    return lines
  }

  private static func facts(_ able: Capabilities) -> [(String, String)] {
    var facts: [(String, String)] = []
    let frees = able.freesIndividually ? "one by one, by \(able.freesAcrossLanes ? "any lane" : "the owner alone")" : ""
    let ends = able.endsScopesInBulk ? "all of a scope at once" : ""
    facts.append(("frees", [frees, ends].filter { !$0.isEmpty }.joined(separator: "; ")))
    var sizes = able.servesAnySize ? "any" : able.canBeSegregated ? "one, or a pool for each size class" : "one"
    if let largest = able.largestRequest { sizes += ", up to \(Units.shortBytes(Double(largest)))" }
    facts.append(("sizes", sizes))
    facts.append(("alignment", able.maximumAlignment.map { "up to \(Units.shortBytes(Double($0)))" } ?? "any"))
    facts.append(("threads", able.isThreadSafe ? "any number on one pool" : "one pool a lane"))
    if able.formsTree { facts.append(("scopes", "nest: a pool ends with the one around it")) }
    if able.handsOutHandles { facts.append(("objects", "are handles, translated at each access")) }
    if able.hasHardCap { facts.append(("memory", "is fixed: what does not fit is refused and counted")) }
    if !able.detects.isEmpty { facts.append(("finds", able.detects.map(\.rawValue).joined(separator: ", "))) }
    facts.append(
      ("gives back", able.returnsMemory ? "unused memory, of itself or when purged" : "nothing before its end"))
    return facts
  }
}
