extension Subject {
  /// One word between the brackets of a subject's name, `sized`, or a key with its value, `min=16`.
  public struct Option: Hashable, Sendable {
    public var key: Key
    /// As written; empty for a word that stands alone.
    public var value: String

    public init(_ key: Key, _ value: String = "") {
      self.key = key
      self.value = value
    }

    public enum Key: String, CaseIterable, Hashable, Sendable {
      case bulk, sized, inline, mutex, huge
      case backing, bits, block, blocks, cache, check, cpu, end, largest, max
      case maxFree = "max-free"
      case min, order, profile, size, stale, version
    }

    /// `null` as the baseline of subjects that end scopes in bulk.
    public static let bulk = Option(.bulk)
    /// The caller passes the object's size to `free`.
    public static let sized = Option(.sized)
    /// The pool's calls are inlined into the loop and the lane's state is held by it.
    public static let inline = Option(.inline)
    /// Memory is asked for in huge pages.
    public static let huge = Option(.huge)
    /// One free list under one lock, in place of magazines.
    public static let mutex = Option(.mutex)

    public var name: String { value.isEmpty ? key.rawValue : "\(key.rawValue)=\(value)" }
  }

  /// What a subject can be told in its brackets.
  public struct OptionForm: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
      /// Stands alone.
      case word
      /// One of these, the first where nothing is said.
      case choice([String])
      case count(ClosedRange<Int>, standard: Int)
      /// Bytes, with `K`, `M` and `G` as powers of 1,024.
      case bytes(ClosedRange<Int>, standard: Int)
      /// As `bytes`, a power of two.
      case powerOfTwo(ClosedRange<Int>, standard: Int)
    }

    public var key: Option.Key
    public var kind: Kind
    /// What it does, a sentence without its full stop.
    public var meaning: String

    public init(_ key: Option.Key, _ kind: Kind, _ meaning: String) {
      self.key = key
      self.kind = kind
      self.meaning = meaning
    }

    /// How it is written: `sized`, `check=modulo|power-of-two`, `min=1…65536`.
    public var usage: String {
      switch kind {
      case .word: key.rawValue
      case .choice(let words): "\(key.rawValue)=\(words.joined(separator: "|"))"
      case .count(let range, _): "\(key.rawValue)=\(range.lowerBound)…\(range.upperBound)"
      case .bytes(let range, _), .powerOfTwo(let range, _):
        "\(key.rawValue)=\(Self.bytesText(range.lowerBound))…\(Self.bytesText(range.upperBound))"
      }
    }

    /// What holds where nothing is said; nil for a word.
    public var standard: String? {
      switch kind {
      case .word: nil
      case .choice(let words): words.first
      case .count(_, let value): "\(value)"
      case .bytes(_, let value), .powerOfTwo(_, let value): Self.bytesText(value)
      }
    }

    /// The number that a value stands for; nil if it is none or out of range.
    func number(_ text: String) -> Int? {
      switch kind {
      case .word, .choice: return nil
      case .count(let range, _): return Int(text).flatMap { range.contains($0) ? $0 : nil }
      case .bytes(let range, _): return Self.bytes(text).flatMap { range.contains($0) ? $0 : nil }
      case .powerOfTwo(let range, _):
        return Self.bytes(text).flatMap { range.contains($0) && $0 & ($0 - 1) == 0 ? $0 : nil }
      }
    }

    /// Whether `value` is one that the option takes.
    func accepts(_ value: String) -> Bool {
      switch kind {
      case .word: value.isEmpty
      case .choice(let words): words.contains(value)
      case .count, .bytes, .powerOfTwo: number(value) != nil
      }
    }

    private static let units: [(letter: Character, shift: Int)] = [("K", 10), ("M", 20), ("G", 30)]

    private static func bytes(_ text: String) -> Int? {
      guard let unit = units.first(where: { $0.letter == text.last }) else { return Int(text) }
      guard let value = Int(text.dropLast()), value >= 0, value <= Int.max >> unit.shift else { return nil }
      return value << unit.shift
    }

    private static func bytesText(_ value: Int) -> String {
      let unit = units.last { value != 0 && value % (1 << $0.shift) == 0 }
      return unit.map { "\(value >> $0.shift)\($0.letter)" } ?? "\(value)"
    }
  }

  /// The number that an option gives, or the one that holds where nothing is said; nil if the subject has no such option.
  public func number(_ key: Option.Key) -> Int? {
    guard let form = base.options.first(where: { $0.key == key }) else { return nil }
    if let given = options.first(where: { $0.key == key }) { return form.number(given.value) }
    return form.standard.flatMap(form.number)
  }

  /// As ``number(_:)``, for a word out of several.
  public func choice(_ key: Option.Key) -> String? {
    if let given = options.first(where: { $0.key == key }) { return given.value }
    return base.options.first { $0.key == key }?.standard
  }
}
