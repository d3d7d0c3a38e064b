extension DistributionReader {
  /// `choice`, `quantiles`, `histogram` and `mixture`, whose arguments are lists.
  func list(
    _ call: ValuePrimary, _ family: Distribution.Family, _ entries: [ValueItem]
  ) -> Distribution.Shape? {
    switch family {
    case .choice: choice(entries, call)
    case .quantiles: quantiles(entries, call)
    case .histogram: histogram(entries, call)
    default: mixture(entries, call)
    }
  }

  private func choice(_ entries: [ValueItem], _ call: ValuePrimary) -> Distribution.Shape? {
    guard let sides = sides(entries, form: "512:20%") else { return nil }
    var isSwapped = false
    for (value, share) in sides where value.isPercent && !share.isPercent {
      context.diagnostics.error(
        "the two sides are swapped; write '\(share.text):\(value.text)%': the value comes first",
        at: value.span.through(share.span))
      isSwapped = true
    }
    let values = sides.map { $0.0.isPercent && !$0.1.isPercent ? nil : whole($0.0) }
    if isSwapped { return nil }
    guard let weights = context.weights(sides.map(\.1), span: call.span) else { return nil }
    let pairs = zip(values, weights).compactMap { value, weight in value.map { Weighted($0, weight: weight) } }
    return pairs.count == sides.count ? .choice(pairs.filter { $0.weight > 0 }) : nil
  }

  private func quantiles(_ entries: [ValueItem], _ call: ValuePrimary) -> Distribution.Shape? {
    guard let sides = sides(entries, form: "50%:20") else { return nil }
    var points: [Quantile] = []
    for (percent, value) in sides {
      if value.isPercent, !percent.isPercent {
        context.diagnostics.error(
          "the two sides are swapped; write '\(value.text)%:\(percent.text)': the percentage comes first",
          at: percent.span.through(value.span))
        continue
      }
      let share = context.percentage(percent)?.double
      let point = whole(value)
      guard let share, let point else { continue }
      if let last = points.last {
        if share <= last.percent { context.error("the percentages must rise", at: percent) }
        if point < last.value { context.error("the values must not fall", at: value) }
      }
      points.append(Quantile(percent: share, value: point))
    }
    guard points.count == sides.count else { return nil }
    let isRising = zip(points, points.dropFirst()).allSatisfy { $0.percent < $1.percent && $0.value <= $1.value }
    if points[0].percent != 0 { context.error("the first percentage must be 0%", at: sides[0].0) }
    if points[points.count - 1].percent != 100 {
      context.error("the last percentage must be 100%", at: sides[sides.count - 1].0)
    }
    return isRising && points[0].percent == 0 && points[points.count - 1].percent == 100 ? .quantiles(points) : nil
  }

  /// The two sides of each entry's colon; faults are reported.
  private func sides(_ entries: [ValueItem], form: String) -> [(ValuePrimary, ValuePrimary)]? {
    var sides: [(ValuePrimary, ValuePrimary)] = []
    for entry in entries {
      let term = entry.terms[0]
      if entry.terms.count == 1, term.name == nil, let right = term.paired {
        sides.append((term.primary, right))
      } else {
        context.diagnostics.error("expected a pair like '\(form)'", at: entry.span)
      }
    }
    return sides.count == entries.count ? sides : nil
  }

  private func histogram(_ entries: [ValueItem], _ call: ValuePrimary) -> Distribution.Shape? {
    guard entries.count == 1, entries[0].terms.count == 1, let file = entries[0].terms[0].plain,
      case .string = file.form, !file.text.isEmpty
    else {
      context.error("histogram takes the name of a CSV file between quotation marks", at: call)
      return nil
    }
    switch context.loadHistogram(file.text) {
    case .failure(let reason):
      context.error("\(quoted(file.text)): \(reason)", at: file)
      return nil
    case .success(let bytes):
      do throws(HistogramFileError) {
        return .histogram(path: file.text, try HistogramFile(bytes, largestValue: Self.largestValue).rows)
      } catch {
        context.error("\(quoted(file.text)): \(error)", at: file)
        return nil
      }
    }
  }

  private func mixture(_ entries: [ValueItem], _ call: ValuePrimary) -> Distribution.Shape? {
    guard let list = context.sharesWithValues(entries, example: "70% lognormal(48, 1)") else { return nil }
    let parts = list.map { shape($0.value) }
    guard let weights = context.weighted(list, span: call.span), parts.allSatisfy({ $0 != nil }) else { return nil }
    return .mixture(weights.compactMap { entry in parts[entry.value].map { Weighted($0, weight: entry.weight) } })
  }
}
