/// The arguments of a distribution's call, each under its name.
struct DistributionArguments {
  private(set) var values: [String: ValuePrimary] = [:]

  /// Binds arguments by position, then by name, and reports those that fit nowhere and those that are missing.
  ///
  /// - Returns: nil if a fault leaves the call without a meaning.
  init?(_ items: [ValueItem], of family: Distribution.Family, in call: ValuePrimary, context: ReadingContext) {
    let names = family.parameters
    var isSound = true
    var isNamed = false
    func fault(_ message: String, at span: SourceSpan) {
      context.diagnostics.error(message, at: span)
      isSound = false
    }
    for (position, item) in items.enumerated() {
      let term = item.terms[0]
      guard item.terms.count == 1, term.paired == nil else {
        let surplus = item.terms.count > 1 ? item.terms[1].span : item.span
        fault("an argument of \(quoted(family.rawValue)) is a single number; between two stands a comma", at: surplus)
        continue
      }
      if let name = term.name {
        isNamed = true
        if !(names + family.bounds).contains(name.text) {
          fault(
            "\(quoted(name.text)) is not an argument of \(quoted(family.rawValue))"
              + hint(for: name.text, among: names + family.bounds), at: name.span)
        } else if values.updateValue(term.primary, forKey: name.text) != nil {
          fault("\(quoted(name.text)) is given twice", at: name.span)
        }
      } else if isNamed {
        fault("arguments without a name come before those with one", at: item.span)
      } else if position < names.count {
        values[names[position]] = term.primary
      } else {
        let bounds = family.bounds.map { "\($0)=" }.joined(separator: " and ")
        fault("\(family.form) takes no more arguments, except \(bounds)", at: item.span)
      }
    }
    let missing = names.filter { values[$0] == nil }
    if !missing.isEmpty, isSound {
      let list = missing.map { quoted($0) }.joined(separator: " and ")
      fault("\(list) \(missing.count == 1 ? "is" : "are") missing: \(family.form)\(call.note)", at: call.textSpan)
    }
    if !isSound { return nil }
  }

  subscript(name: String) -> ValuePrimary? { values[name] }
}

extension ValueItem {
  /// The name of `min=` and `max=`, if the item is one of these.
  var boundName: String? {
    guard terms.count == 1, let name = terms[0].name?.text, name == "min" || name == "max" else { return nil }
    return name
  }
}
