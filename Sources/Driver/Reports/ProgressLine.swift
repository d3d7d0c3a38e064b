import Workload

/// One line on a terminal that says how far a run has come. Redrawn between cells, never during one.
public final class ProgressLine {
  private let width: Int
  private let paint: Paint
  private let write: (String) -> Void

  public init(width: Int, paint: Paint, write: @escaping (String) -> Void) {
    self.width = width
    self.paint = paint
    self.write = write
  }

  public func show(_ step: Step) { write("\r" + line(step) + "\u{1B}[K") }

  public func clear() { write("\r\u{1B}[K") }

  private static let barWidth = 20

  /// `12/140 ━━━━──── web-server · jemalloc · latency · block 2 of 3 · 42 s left`, cut to the terminal.
  func line(_ step: Step) -> String {
    let done = (step.number - 1) * Self.barWidth / max(1, step.total)
    let bar =
      paint(String(repeating: "━", count: done), .best)
      + paint(String(repeating: "─", count: Self.barWidth - done), .faint)
    let digits = String(step.total).count
    let number = String(step.number)
    let counter = String(repeating: " ", count: digits - number.count) + number + "/\(step.total)"
    let who = step.subjects.count == 1 ? step.subjects[0].name : "\(step.subjects.count) in turns"
    var text = " \(step.workload) · \(who) · \(step.pass.rawValue)"
    text += " · block \(step.repetition) of \(step.repetitions)\(step.mayGrow ? " or more" : "")"
    if let remaining = step.remaining { text += " · \(Units.duration(remaining)) left" }
    let room = max(0, width - 1 - counter.count - 1 - Self.barWidth)
    return counter + " " + bar + (text.count > room ? String(text.prefix(max(0, room - 1))) + "…" : text)
  }
}
