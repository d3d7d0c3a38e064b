/// A JSON value whose objects keep the order of their members.
public indirect enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case whole(Int)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([(name: String, value: JSONValue)])

  /// Of a text that may be missing.
  static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

  /// In whole nanoseconds; a time of more than three hundred years becomes the greatest number that can be read back.
  static func nanoseconds(_ duration: Duration?) -> JSONValue {
    guard let (seconds, attoseconds) = duration?.components else { return .null }
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, overflows) = whole.addingReportingOverflow((attoseconds + 500_000_000) / 1_000_000_000)
    return .whole(Int(isTooLong || overflows ? .max : sum))
  }

  public static func == (left: JSONValue, right: JSONValue) -> Bool { left.text() == right.text() }

  /// RFC 8259. Objects and lists of them stand on lines of their own, indented by two; lists of plain values on one.
  public func text(indent: Int = 0) -> String {
    switch self {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .whole(let number): return String(number)
    case .number(let number):
      let plain = CSVDocument.plain(number)
      return plain.isEmpty ? "null" : plain
    case .text(let text): return Self.quoted(text)
    case .list(let items):
      if items.isEmpty { return "[]" }
      let isFlat = items.allSatisfy { $0.isPlain }
      return Self.enclosed("[", items.map { $0.text(indent: indent + 2) }, "]", indent: indent, isFlat: isFlat)
    case .object(let members):
      if members.isEmpty { return "{}" }
      let lines = members.map { Self.quoted($0.name) + ": " + $0.value.text(indent: indent + 2) }
      return Self.enclosed("{", lines, "}", indent: indent, isFlat: false)
    }
  }

  /// RFC 8259, on one line and without blanks.
  public var line: String {
    switch self {
    case .null, .bool, .whole, .number, .text: text()
    case .list(let items): "[" + items.map(\.line).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.line }.joined(separator: ",") + "}"
    }
  }

  private var isPlain: Bool {
    switch self {
    case .list, .object: false
    default: true
    }
  }

  private static func enclosed(
    _ open: String, _ items: [String], _ close: String, indent: Int, isFlat: Bool
  ) -> String {
    if isFlat { return open + items.joined(separator: ", ") + close }
    let margin = String(repeating: " ", count: indent)
    return open + "\n" + items.map { margin + "  " + $0 }.joined(separator: ",\n") + "\n" + margin + close
  }

  private static func quoted(_ text: String) -> String {
    let needsNone = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    if needsNone { return "\"" + text + "\"" }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
