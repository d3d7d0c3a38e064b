/// The long form as comma-separated values: RFC 4180, UTF-8 without a byte-order mark, raw numbers with a point.
public enum CSVDocument {
  public static var header: String { line(Columns.names.map { .text($0) }) }

  /// The lines of one workload.
  public static func body(_ workload: WorkloadResult) -> String {
    Columns.rows(workload).map(line).joined()
  }

  static func line(_ values: [Columns.Value]) -> String {
    values.map(field).joined(separator: ",") + "\r\n"
  }

  static func field(_ value: Columns.Value) -> String {
    switch value {
    case .none: ""
    case .whole(let number): String(number)
    case .number(let number): plain(number)
    case .text(let text): quoted(text)
    }
  }

  /// Quotes a field that holds a comma, a quote or a line break.
  private static func quoted(_ text: String) -> String {
    let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
    guard text.unicodeScalars.contains(where: special.contains) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// At most three decimals: a picosecond, a thousandth of a ratio. Never an exponent, which spreadsheets misread.
  static func plain(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "" }
    let thousandths = Int64((abs(number) * 1000).rounded())
    let fraction = String(thousandths % 1000 + 1000).dropFirst()
    let trimmed = fraction.reversed().drop { $0 == "0" }.reversed()
    let sign = number < 0 && thousandths != 0 ? "-" : ""
    return sign + String(thousandths / 1000) + (trimmed.isEmpty ? "" : "." + String(trimmed))
  }
}
