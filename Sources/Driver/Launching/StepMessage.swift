/// What a worker says between its slices.
enum StepMessage: Equatable {
  /// It stands before a segment of so many words.
  case ready(words: UInt64)
  /// It has replayed `words` in `nanoseconds`; `left` remain of the segment.
  case slice(words: UInt64, nanoseconds: UInt64, left: UInt64)
  /// A line that begins like one of these and is none.
  case malformed(String)

  /// Nil for a line of another kind: noise of a library, as outside the record.
  init?(_ line: some StringProtocol) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    let numbers = words.dropFirst().compactMap { UInt64($0) }
    let isWhole = numbers.count == words.count - 1
    switch words.first {
    case "ready":
      self = isWhole && numbers.count == 1 ? .ready(words: numbers[0]) : .malformed(String(line))
    case "slice":
      self =
        isWhole && numbers.count == 3
        ? .slice(words: numbers[0], nanoseconds: numbers[1], left: numbers[2]) : .malformed(String(line))
    default: return nil
    }
  }
}

/// Finds the messages in what comes from a worker's standard output, however it is cut.
struct StepReader {
  private var line: [UInt8] = []
  /// The record has begun: no message stands in it, whatever its lines look like.
  private var isPast = false

  /// Longer lines are noise, of which only the beginning is kept.
  private static let longest = 200

  mutating func read(_ bytes: ArraySlice<UInt8>) -> [StepMessage] {
    var messages: [StepMessage] = []
    for byte in bytes where !isPast {
      if byte != UInt8(ascii: "\n") {
        if line.count < Self.longest { line.append(byte) }
        continue
      }
      let text = String(decoding: line, as: UTF8.self)
      line.removeAll(keepingCapacity: true)
      isPast = text.hasPrefix("poolbench-record ")
      if let message = StepMessage(text) { messages.append(message) }
    }
    return messages
  }
}
