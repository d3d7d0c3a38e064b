/// A value and the share that stands with it.
struct SharedValue {
  var value: ValuePrimary
  /// nil where the value stands alone.
  var share: ValuePrimary?
}

extension ReadingContext {
  /// Weights of a list, either all percentages that add to 100 or all plain numbers.
  ///
  /// - Parameters:
  ///   - span: where a fault of the list as a whole is shown.
  ///   - mayVanish: whether all may be 0.
  func weights(_ shares: [ValuePrimary], span: SourceSpan, mayVanish: Bool = false) -> [Double]? {
    let isPercent = shares.first?.isPercent ?? false
    if let other = shares.first(where: { $0.isPercent != isPercent }) {
      error("percentages and plain weights don't mix in one list: \(other.shown) after \(shares[0].shown)", at: other)
      return nil
    }
    var weights: [Double] = []
    for share in shares {
      if let weight = isPercent ? percentage(share)?.double : real(share, .pure) { weights.append(weight) }
    }
    guard weights.count == shares.count else { return nil }
    let sum = weights.reduce(0, +)
    if isPercent, abs(sum - 100) > SharePrinter.tolerance + 1e-9 {
      let shown = Decimal.text((sum * 1000).rounded() / 1000)
      diagnostics.error("the shares add up to \(shown)%, not to 100%", at: span)
      return nil
    }
    if sum == 0, !mayVanish {
      diagnostics.error("at least one share must be more than 0", at: span)
      return nil
    }
    return weights
  }

  /// The values of `list` with their weights, in order; those of weight 0 are left out.
  ///
  /// A value that stands alone weighs 1.
  func weighted(_ list: [SharedValue], span: SourceSpan) -> [Weighted<Int>]? {
    if list.count == 1, list[0].share == nil { return [Weighted(0, weight: 1)] }
    var isComplete = true
    for entry in list where entry.share == nil {
      error("\(entry.value.shown) needs a share, such as 50%", at: entry.value)
      isComplete = false
    }
    guard isComplete, let weights = weights(list.compactMap(\.share), span: span) else { return nil }
    return weights.enumerated().compactMap { $1 > 0 ? Weighted($0, weight: $1) : nil }
  }

  /// Items of the form `name SHARE`, as in a mix.
  func namesWithShares(_ items: [ValueItem], example: String) -> [SharedValue]? {
    pairs(items, example: example) { item in
      guard item.terms.count <= 2, let value = item.terms[0].plain else { return nil }
      guard item.terms.count == 2 else { return SharedValue(value: value) }
      return item.terms[1].plain.map { SharedValue(value: value, share: $0) }
    }
  }

  /// Items of the form `SHARE value`, as in a mixture.
  func sharesWithValues(_ items: [ValueItem], example: String) -> [SharedValue]? {
    pairs(items, example: example) { item in
      guard item.terms.count <= 2, let first = item.terms[0].plain else { return nil }
      guard item.terms.count == 2 else { return SharedValue(value: first) }
      return item.terms[1].plain.map { SharedValue(value: $0, share: first) }
    }
  }

  /// Every item as `read` takes it, with a fault for each that it can't, or whose sides are swapped.
  private func pairs(
    _ items: [ValueItem], example: String, read: (ValueItem) -> SharedValue?
  ) -> [SharedValue]? {
    var list: [SharedValue] = []
    for item in items {
      guard let pair = read(item) else {
        diagnostics.error("expected a form like \(quoted(example))", at: item.span)
        continue
      }
      if pair.value.isPercent {
        let swapped = pair.share != nil
        diagnostics.error(
          swapped
            ? "the two sides are swapped; write it like \(quoted(example))" : "expected a form like \(quoted(example))",
          at: item.span)
        continue
      }
      list.append(pair)
    }
    return list.count == items.count ? list : nil
  }
}
