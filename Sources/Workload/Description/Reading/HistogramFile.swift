/// A CSV file of values and weights: `value,weight` in each row.
///
/// The first row may name the columns. Empty lines and lines that start with `#` are free; lines end in LF or CR LF.
/// Values are whole numbers without units, weights are numbers of 0 or more, with an exponent if wanted. Rows of weight
/// 0 are left out.
struct HistogramFile {
  private(set) var rows: [Weighted<UInt64>] = []

  /// - Throws: the first row that can't be read, and how many more there are.
  init(_ bytes: [UInt8], largestValue: UInt64) throws(HistogramFileError) {
    guard var text = String(validating: bytes, as: UTF8.self) else {
      throw HistogramFileError("the file is not UTF-8 text")
    }
    if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    var firstFault: String?
    var faults = 0
    var isFirst = true
    for (index, scalars) in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = Self.trimmed(Substring(scalars))
      if line.isEmpty || line.hasPrefix("#") { continue }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { Self.trimmed($0) }
      defer { isFirst = false }
      if isFirst, fields == ["value", "weight"] { continue }
      switch Self.row(fields, largestValue: largestValue) {
      case .success(let row): if row.weight > 0 { rows.append(row) }
      case .failure(let fault):
        firstFault = firstFault ?? "line \(index + 1): \(fault)"
        faults += 1
      }
    }
    if let firstFault {
      let more = faults == 1 ? "" : faults == 2 ? " (and one more line)" : " (and \(faults - 1) more lines)"
      throw HistogramFileError(firstFault + more)
    }
    if rows.isEmpty { throw HistogramFileError("the file has no row of the form value,weight with a weight above 0") }
  }

  private static func row(
    _ fields: [Substring], largestValue: UInt64
  ) -> Result<Weighted<UInt64>, HistogramFileError> {
    guard fields.count == 2 else { return .failure(HistogramFileError("expected two columns, value,weight")) }
    guard let number = try? Decimal(String(fields[0])), number.suffix.isEmpty, let value = number.whole else {
      return .failure(HistogramFileError("\(quoted(String(fields[0]))) is not a whole number"))
    }
    guard value <= largestValue else {
      return .failure(HistogramFileError("\(fields[0]) is too large: at most \(largestValue)"))
    }
    guard fields[1].unicodeScalars.allSatisfy({ "0123456789.eE+-".unicodeScalars.contains($0) }),
      let weight = Double(fields[1]), weight >= 0, weight < .infinity
    else { return .failure(HistogramFileError("\(quoted(String(fields[1]))) is not a weight of 0 or more")) }
    return .success(Weighted(value, weight: weight))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isBlank = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\t" || scalar == "\r" }
    var scalars = text.unicodeScalars.drop(while: isBlank)
    while let last = scalars.last, isBlank(last) { scalars.removeLast() }
    return Substring(scalars)
  }
}
