extension ClassReader {
  func size(_ section: Section) -> Distribution {
    let reader = DistributionReader(context: context, quantity: .size)
    return section[.size].flatMap { context.single($0, for: .size) }.flatMap { primary in
      if Self.lifetimeWords.contains(primary.text) {
        context.error("\(primary.shown) is a lifetime, not a size", at: primary)
        return nil
      }
      return reader.read(primary)
    } ?? .fixed(1)
  }

  private static let lifetimeWords = ["forever", "scope", "fifo", "lifo"]

  func lifetime(_ section: Section) -> Lifetime {
    section[.lifetime].flatMap { context.single($0, for: .lifetime) }.flatMap { lifetime($0) } ?? .fifo(1)
  }

  private func lifetime(_ primary: ValuePrimary) -> Lifetime? {
    if primary.word == "forever" { return .forever }
    if let word = primary.word, Self.lifetimeWords.contains(word) {
      context.error("'\(word)' needs an argument: \(word == "scope" ? "scope(S)" : "\(word)(100)")", at: primary)
      return nil
    }
    guard case .call(let items) = primary.form, Self.lifetimeWords.contains(primary.text) else {
      let reader = DistributionReader(context: context, quantity: .lifetime)
      return reader.read(primary, others: Self.lifetimeWords).map { .drawn($0) }
    }
    guard primary.text != "forever" else {
      context.error("'forever' takes no argument", at: primary)
      return nil
    }
    guard items.count == 1, items[0].terms.count == 1, let argument = items[0].terms[0].plain else {
      let wanted = primary.text == "scope" ? "the name of a scope" : "a number of objects"
      context.error("'\(primary.text)' takes one argument, \(wanted)", at: primary)
      return nil
    }
    if primary.text == "scope" { return scopes.index(argument).map { .scope($0) } }
    guard let depth = context.whole(argument, .count, in: 1...DistributionReader.largestValue) else { return nil }
    return primary.text == "fifo" ? .fifo(depth) : .lifo(depth)
  }

  func calls(_ entry: Assignment) -> [CallShare]? {
    guard let items = context.items(of: entry),
      let list = context.namesWithShares(items, example: "malloc 80%, calloc 20%")
    else { return nil }
    var calls: [Call?] = []
    var seen: Set<Call> = []
    for pair in list {
      let call = call(pair.value)
      if let call, !seen.insert(call).inserted {
        context.error("\(pair.value.shown) stands in the list already", at: pair.value)
      }
      calls.append(call)
    }
    guard let weights = context.weighted(list, span: entry.span) else { return nil }
    return weights.compactMap { entry in calls[entry.value].map { CallShare(call: $0, weight: entry.weight) } }
  }

  private func call(_ primary: ValuePrimary) -> Call? {
    if case .call(let items) = primary.form, primary.text == "aligned" {
      guard items.count == 1, items[0].terms.count == 1, let argument = items[0].terms[0].plain else {
        context.error("'aligned' takes one argument, the alignment in bytes", at: primary)
        return nil
      }
      guard let alignment = context.whole(argument, .bytes, in: 1...(1 << 30)) else { return nil }
      if alignment.nonzeroBitCount == 1 { return .aligned(Int(alignment)) }
      context.error("\(argument.shown) is not a power of two", at: argument)
      return nil
    }
    switch primary.word {
    case "malloc": return .malloc
    case "calloc": return .calloc
    case "aligned":
      context.error("'aligned' needs its argument: aligned(64)", at: primary)
      return nil
    default:
      let known = hint(for: primary.text, among: ["malloc", "calloc", "aligned"])
      context.error("\(primary.shown) is not a way of asking for memory\(known)", at: primary)
      return nil
    }
  }

  func resize(_ entry: Assignment) -> Resize? {
    guard let items = context.items(of: entry) else { return nil }
    guard items.count == 1, let primary = items[0].terms[0].plain else {
      context.diagnostics.error("'resize' takes \(FormatKey.resize.takes)", at: items[0].span)
      return nil
    }
    guard let share = context.percentage(primary) else { return nil }
    var result = Resize(share: share.hundredth.double)
    var seen: Set<String> = []
    for term in items[0].terms.dropFirst() {
      guard let name = term.name, term.paired == nil, ["factor", "times"].contains(name.text) else {
        let near = hint(for: term.name?.text ?? term.primary.text, among: ["factor", "times"])
        context.diagnostics.error(
          "\(quoted(term.name?.text ?? term.primary.text)) is not a part of 'resize'\(near)", at: term.span)
        continue
      }
      if !seen.insert(name.text).inserted { context.diagnostics.error("'\(name.text)' is given twice", at: name.span) }
      if name.text == "times" {
        result.times = context.whole(term.primary, .count, in: 1...1_000_000).map { Int($0) } ?? 1
      } else if let factor = context.real(term.primary, .pure) {
        result.factor = factor
        if factor == 0 { context.error("the factor must be more than 0", at: term.primary) }
      }
    }
    return result.share > 0 ? result : nil
  }

  func freedByOther(_ entry: Assignment) -> Double? {
    guard let items = context.items(of: entry) else { return nil }
    guard items.count == 1, items[0].terms.count <= 2, let primary = items[0].terms[0].plain else {
      context.diagnostics.error("'freed-by' takes \(FormatKey.freedBy.takes)", at: items[0].span)
      return nil
    }
    if primary.isPercent {
      context.error("the word comes first, as in 'other \(primary.text)%'", at: primary)
      return nil
    }
    guard let word = context.word(primary, among: ["owner", "other"], noun: "a value of 'freed-by'") else { return nil }
    guard items[0].terms.count == 2 else { return word == "other" ? 1 : 0 }
    guard word == "other", let share = items[0].terms[1].plain else {
      context.diagnostics.error("'freed-by' takes \(FormatKey.freedBy.takes)", at: items[0].terms[1].span)
      return nil
    }
    return context.percentage(share)?.hundredth.double
  }
}
