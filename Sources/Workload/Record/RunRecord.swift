/// What one worker run reported: `key value` lines between a header and `end`, readable by a person.
///
/// ```
/// poolbench-record 3
/// subject thread-cache
/// pass throughput
/// status ok
/// ops 20000000
/// wall_ns 183224012
/// stat.list.misses 40211
/// histogram allocate 1 12:40 13:811 …
/// end
/// ```
/// A key may stand on several lines (`sample`, `histogram`); lines outside header and `end` are noise of a library
/// and are ignored. A text that stops before `end` is a run that died.
public struct RunRecord: Equatable, Sendable {
  /// Version of the protocol between driver and worker; a driver refuses records of another.
  public static let protocolVersion = 3

  public struct Field: Equatable, Sendable {
    public var key: String
    public var value: String
  }

  public private(set) var fields: [Field] = []
  /// Whether the closing line was seen.
  public private(set) var isComplete = false

  public init() {}

  /// Appends a line. Line breaks in `value` become spaces.
  public mutating func add(_ key: RecordKey, _ value: some CustomStringConvertible) {
    let flat = String(value.description.map { $0.isNewline ? " " : $0 })
    fields.append(Field(key: key.rawValue, value: flat))
  }

  /// Appends what the subject counted of itself during the timed replay, as the line `stat.NAME VALUE`.
  public mutating func add(statistic name: String, _ value: Int) {
    fields.append(Field(key: Self.statisticPrefix + name, value: "\(value)"))
  }

  private static let statisticPrefix = "stat."

  /// The statistic that counts the objects that a pool of fixed memory had no room for.
  public static let refusedStatistic: StaticString = "objects.refused"

  /// What the subject counted of itself, by name.
  public var statistics: [String: Int] {
    var values: [String: Int] = [:]
    for field in fields where field.key.hasPrefix(Self.statisticPrefix) {
      values[String(field.key.dropFirst(Self.statisticPrefix.count))] = Int(field.value)
    }
    return values
  }

  /// The value of the first line with `key`.
  public subscript(_ key: RecordKey) -> String? { fields.first { $0.key == key.rawValue }?.value }

  /// The values of all lines with `key`, in order.
  public func all(_ key: RecordKey) -> [String] { fields.filter { $0.key == key.rawValue }.map(\.value) }

  public func integer(_ key: RecordKey) -> Int? { self[key].flatMap { Int($0) } }
}

extension RunRecord {
  private static let headerWord = "poolbench-record"

  /// The complete text, header and end included.
  public var text: String {
    var text = "\(Self.headerWord) \(Self.protocolVersion)\n"
    for field in fields { text += "\(field.key) \(field.value)\n" }
    return text + "end\n"
  }

  /// Reads what a worker wrote, complete or not.
  ///
  /// - Throws: `RecordError` if there is no header, or one of another protocol version.
  public init(parsing text: String) throws(RecordError) {
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? String(parts[1]) : ""
      if !isInside {
        guard parts[0] == Self.headerWord else { continue }
        guard Int(value) == Self.protocolVersion else { throw .otherVersion(value) }
        isInside = true
      } else if line == "end" {
        isComplete = true
        return
      } else {
        fields.append(Field(key: String(parts[0]), value: value))
      }
    }
    if !isInside { throw .noHeader }
  }
}

/// Why a text is no record.
public enum RecordError: Error, Equatable, Sendable {
  case noHeader
  case otherVersion(String)
}
