import TestSupport
import Testing
import Workload

/// Damaged descriptions: whatever the bytes, a result comes back, and its faults lie within the file.
@Suite struct ParserFuzzTests {
  static let seedText = """
    name = fuzz
    description = "text, (with) signs"
    threads = 4
    [parameters]
    n = 100
    d = uniform(1, $n)
    [scope outer]
    length = uniform(5, 15)
    [scope inner]
    inside = outer
    length = $n
    [objects a]
    size = zipf(n=48, s=1.0, min=8, max=4K)
    lifetime = scope(inner)
    call = malloc 80%, aligned(64) 20%
    [objects b]
    size = mixture(70% choice(512:20%, 4K:80%), 30% $d)
    lifetime = quantiles(0%:1, 50%:20, 100%:40)
    resize = 25% factor=2 times=3
    freed-by = other 50%
    write = 5%
    [phase p]
    operations = 4_000
    mix = a 70%, b 30%
    rate = 500K/s
    pause = 1.5ms

    """

  /// What damage is made of: signs, extremes of numbers, words that numbers are not, broken encodings.
  static let pieces: [String] = [
    "(", ")", "\"", "#", "=", ",", ":", "%", "/s", "$", "$n", "$d", "[", "]", "\n", "\r\n", "\t", " ", "-", ".", "_",
    "\\",
    "0", "-1", "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
    "-9223372036854775808", "340282366920938463463374607431768211455", "340282366920938463463374607431768211456",
    "170141183460469231731687303715884105728G", "1e300", "1e-300", "1e999999999", "nan", "inf", "-inf", "0x7fffffff",
    "0.00000000000000000000000000000000000000000001", "1.7976931348623157", "4K", "4KB", "140737488355328", "100%",
    "0%",
    "1000000G", "uniform(0, 0)", "mixture(1 mixture(1 1))", "quantiles(0%:0, 100%:140737488355328)", "zipf(0, 0)",
    "pareto(0, 0)", "histogram(\"x\")", "scope(inner)", "forever", "other", "\u{0}", "\u{FEFF}", "é", "日本", "\u{2028}",
    "[scope inner]\ninside = inner\n", "[parameters]\nn = $d\n", "[phase q]\n", "size = 0\n",
  ]

  static func isSound(_ bytes: [UInt8], _ result: ParseResult) -> Bool {
    let hasErrors = result.diagnostics.contains { $0.severity == .error }
    if hasErrors != (result.description == nil) { return false }
    return result.diagnostics.allSatisfy { fault in
      let scalars = fault.sourceLine.unicodeScalars.count
      let isPlaced = fault.line >= 1 && (1...scalars + 1).contains(fault.column)
      return isPlaced && fault.length >= 1 && !fault.message.isEmpty && !fault.render(fileName: "f").isEmpty
    }
  }

  static func parse(_ bytes: [UInt8], overrides: WorkloadOverrides = WorkloadOverrides()) -> ParseResult {
    WorkloadDescription.parse(bytes, fileName: "fuzz.txt", overrides: overrides) { _ in .success(bytes) }
  }

  @Test(arguments: 1...8) func `damaged bytes never crash the parser`(seed: UInt64) {
    var random = Xoshiro256(seed: seed, lane: 0, attribute: .size)
    let whole = Array(Self.seedText.utf8)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0...random.next(below: 4) {
        let place = Int(random.next(below: UInt64(bytes.count + 1)))
        let length = min(Int(random.next(below: 12)), bytes.count - place)
        switch random.next(below: 5) {
        case 0: bytes.removeSubrange(place..<place + length)
        case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        case 2: bytes.replaceSubrange(place..<place + length, with: bytes.shuffledPiece(&random))
        case 3: if place < bytes.count { bytes[place] = UInt8(truncatingIfNeeded: random.next()) }
        default:
          let piece = Self.pieces[Int(random.next(below: UInt64(Self.pieces.count)))]
          bytes.replaceSubrange(place..<place + min(length, 3), with: Array(piece.utf8))
        }
        if bytes.isEmpty { break }
      }
      let result = Self.parse(bytes)
      #expect(Self.isSound(bytes, result), "\(String(decoding: bytes, as: UTF8.self))\n\(result.diagnostics)")
      if let description = result.description {
        let again = Self.parse(Array(description.canonicalText.utf8))
        #expect(again.description == description || description.usesFiles, "\(description.canonicalText)")
      }
    }
  }

  @Test func `every number stands every extreme`() {
    let numbers = Self.pieces.filter { $0.contains { $0.isNumber } || $0.contains("n") }
    let places = [
      "48", "1.0", "8", "4K", "64", "20%", "512", "25%", "2 ", "3\n", "4_000", "500K/s", "1.5ms", "4\n", "100",
    ]
    for place in places {
      let parts = Self.seedText.split(separator: place, maxSplits: 1)
      #expect(parts.count == 2, "\(place) is not in the text")
      for number in numbers {
        let bytes = Array("\(parts[0])\(number)\(parts[parts.count - 1])".utf8)
        let result = Self.parse(bytes, overrides: WorkloadOverrides(operations: 1_000_000_000_000_000))
        #expect(Self.isSound(bytes, result), "\(number) for \(place): \(result.diagnostics)")
      }
    }
  }

  @Test(arguments: 1...200) func `a description broken on purpose has an error within the file`(seed: UInt64) {
    var generator = RandomDescription(seed: seed, largestScale: 40)
    var random = Xoshiro256(seed: seed, lane: 1, attribute: .size)
    let text = generator.next().canonicalText
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let entries = lines.indices.filter { lines[$0].contains(" = ") }
    let victim = entries[Int(random.next(below: UInt64(entries.count)))]
    let key = lines[victim].prefix { $0 != " " }
    switch random.next(below: 6) {
    case 0: lines[victim] = "q" + lines[victim] + "\nq" + lines[victim]
    case 1: lines.insert(lines[victim], at: victim)
    case 2: lines[victim] = "\(key) ="
    case 3: lines[victim] += " ("
    case 4: lines[victim] = "\(key) : 5"
    default: lines[victim] += " \"open"
    }
    let broken = Array(lines.joined(separator: "\n").utf8)
    let result = Self.parse(broken)
    #expect(result.description == nil)
    #expect(result.diagnostics.contains { $0.severity == .error })
    #expect(Self.isSound(broken, result), "\(result.diagnostics)")
  }
}

extension WorkloadDescription {
  /// Whether a histogram stands in it, whose file changes with the text here.
  fileprivate var usesFiles: Bool { canonicalText.contains("histogram") }
}

extension [UInt8] {
  fileprivate func shuffledPiece(_ random: inout Xoshiro256) -> [UInt8] {
    let start = Int(random.next(below: UInt64(count)))
    return Array(self[start..<Swift.min(count, start + Int(random.next(below: 30)))])
  }
}
