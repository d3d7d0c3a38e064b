/// Numbers as a person reads them.
public enum Units {
  /// Three significant digits at most, without an exponent: `0.85`, `12.3`, `456`, `12,345`.
  public static func number(_ value: Double) -> String {
    guard value.isFinite else { return "n/a" }
    let size = abs(value)
    if size < 9.995 { return fixed(value, 2) }
    if size < 99.95 { return fixed(value, 1) }
    return grouped(value)
  }

  /// As ``number(_:)`` without zeros at the end of its fraction: `4`, `1.5`.
  public static func short(_ value: Double) -> String { shortened(number(value)) }

  /// As ``bytes(_:)`` without zeros at the end of its fraction: `4 KiB`, `1.5 MiB`.
  public static func shortBytes(_ value: Double) -> String { shortened(bytes(value)) }

  /// As ``count(_:)`` without zeros at the end of its fraction: `200K`, `4M`.
  public static func shortCount(_ value: Double) -> String { shortened(count(value)) }

  private static func shortened(_ text: String) -> String {
    let number = text.prefix { $0.isNumber || $0 == "." || $0 == "-" }
    guard number.contains(".") else { return text }
    var kept = number
    while kept.last == "0" { kept.removeLast() }
    if kept.last == "." { kept.removeLast() }
    return String(kept) + text.dropFirst(number.count)
  }

  /// A whole number with its thousands apart.
  public static func grouped(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 9e18 else { return "n/a" }
    let digits = String(Int64(value.rounded()).magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return (value.rounded() < 0 ? "-" : "") + result
  }

  /// So many decimals, rounded half away from zero.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "n/a" }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    let whole = scaled / Int64(scale)
    if decimals == 0 { return sign + String(whole) }
    let fraction = String(scaled % Int64(scale))
    return sign + String(whole) + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// A duration of nanoseconds with its unit: `850 ns`, `12.3 µs`, `4.5 ms`, `2.0 s`.
  public static func nanoseconds(_ value: Double) -> String {
    scaled(value, [("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)], under: 1000)
  }

  /// A duration from a clock that steps by nanoseconds: as ``nanoseconds(_:)``, whole below a microsecond.
  public static func latency(_ value: Double) -> String {
    value < 999.5 ? fixed(value, 0) + " ns" : nanoseconds(value)
  }

  /// Bytes with a binary unit: `512 B`, `1.50 KiB`, `64.0 MiB`.
  public static func bytes(_ value: Double) -> String {
    scaled(
      value, [("B", 1), ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40)], under: 1024)
  }

  /// A count with a decimal unit: `950`, `1.20K`, `4.00M`.
  public static func count(_ value: Double) -> String {
    scaled(value, [("", 1), ("K", 1e3), ("M", 1e6), ("G", 1e9)], under: 1000, gap: "")
  }

  /// A wall-clock duration: `0.8 s`, `42 s`, `3:07`, `1:02:33`.
  public static func duration(_ duration: Duration) -> String {
    let seconds = duration / .seconds(1)
    if seconds < 9.95 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  private static func scaled(
    _ value: Double, _ units: [(name: String, size: Double)], under limit: Double, gap: String = " "
  ) -> String {
    guard value.isFinite else { return "n/a" }
    var index = 0
    // What would be rounded up to the limit already takes the next unit.
    while index + 1 < units.count, abs(value) / units[index].size >= limit - 0.5 { index += 1 }
    let amount = value / units[index].size
    let isWhole = amount == amount.rounded() && index == 0
    let text = isWhole || abs(amount) >= 99.95 ? fixed(amount, 0) : fixed(amount, abs(amount) < 9.995 ? 2 : 1)
    return text + gap + units[index].name
  }
}
