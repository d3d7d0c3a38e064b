import Driver
import Foundation
import Workload

/// The league as Markdown.
public struct LeagueReport {
  private let league: League

  public init(_ league: League) { self.league = league }

  public func markdown() -> String {
    var lines = introduction + [""]
    lines += Words.table(
      ["subject", "against", "workloads", "target", "measured (95 % interval)", "verdict"],
      league.lines.map { [$0.subject, $0.against, $0.workloads, $0.target, $0.measured, $0.verdict.words] },
      leftAligned: 6)
    for (title, table) in details where !table.isEmpty { lines += ["", title, ""] + table }
    if !league.measured.faults.isEmpty {
      lines += ["", "Not all is there: " + league.measured.faults.joined(separator: "; ") + "."]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: What it was measured on

  private var introduction: [String] {
    guard let first = league.measured.heads.first else { return ["Nothing is measured."] }
    let dates = league.measured.heads.map(\.date).sorted()
    let commits = unique(league.measured.heads.map(\.tool.words))
    let machine = first.machine
    let when = dates.first.map { String($0.prefix(10)) } ?? ""
    var facts = [
      machine.processor, "\(machine.cores) cores", "\(Units.bytes(Double(machine.memoryBytes))) of memory",
      machine.kernel, machine.libc,
    ]
    facts += versions
    return wrap(
      "Measured on \(when) by poolbench \(commits.joined(separator: " and ")): \(facts.joined(separator: ", ")). "
        + "Blocks: \(blocks.joined(separator: ", ")).")
  }

  /// How often each group was measured, the least often of its cells.
  private var blocks: [String] {
    league.measured.groups.sorted { $0.key < $1.key }.compactMap { name, workloads in
      let counts = workloads.flatMap(\.cells).compactMap { cell -> Int? in
        let runs = Pass.allCases.map { cell.measured($0).count }.reduce(0, +)
        return runs > 0 ? runs : nil
      }
      return counts.min().map { "\(name) \($0)" }
    } + unique(league.measured.compared.map { "C and C++ \($0.pairs)" })
  }

  private var versions: [String] {
    let cells = league.measured.groups.sorted { $0.key < $1.key }.flatMap(\.value).flatMap(\.cells)
    return unique(
      cells.filter { $0.subject.base.isMalloc && $0.subject.base != .glibc && !$0.version.isEmpty }.map { cell in
        let name = cell.subject.base == .preloaded ? cell.subject.preloadName : cell.subject.base.rawValue
        return cell.version.hasPrefix(name) ? cell.version : "\(name) is \(cell.version)"
      })
  }

  private func unique(_ texts: [String]) -> [String] {
    texts.reduce(into: []) { list, text in if !list.contains(text) { list.append(text) } }
  }

  private func wrap(_ text: String) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= 120 {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }

  // MARK: Cell by cell

  private var details: [(title: String, table: [String])] {
    [
      ("Speed of `thread-cache`: the rival's time ÷ its own, above 1 is faster; the best rival's in bold.", speeds),
      (
        "Resident memory of `thread-cache` ÷ the rival's, at the peak and 1 s after the drain; below 1 is smaller.",
        memory
      ),
      (
        "Latencies; ≤ is under twice null's same percentile, which the clock cannot tell; one step of the clock is "
          + "\(step).", latencies
      ),
      (
        "Resident memory of a thread more, all of them parked: when all objects are freed, 1 s later, and once the "
          + "subject was asked to give memory back.", idle
      ),
      ("Single ratios: speeds, and times where the target is at most so much.", others),
    ]
  }

  private var step: String {
    league.percentiles("p99", \.p99).first.map { Units.latency($0.step) } ?? "unknown"
  }

  private var speeds: [String] {
    let rows = (league.workloads("drop-in") + league.workloads("held-back")).map { workload -> [String] in
      let best = workload.least(League.rivals, workload.time)
      let own = workload.time(of: League.threadCache).map { Units.number($0) } ?? "–"
      return [workload.title(withLanes: !workload.setting.isEmpty), own]
        + League.rivals.map { rival in
          let logarithms = workload.speedLogarithms(of: League.threadCache, against: rival)
          guard let cell = Cell(name: "", rival: "", logarithms: logarithms) else { return "–" }
          return rival == best ? "**\(cell.figures)**" : cell.figures
        }
    }
    if rows.isEmpty { return [] }
    return Words.table(["workload", "ns/op"] + League.rivals.map { "× " + $0.name }, rows, leftAligned: 1)
  }

  private var memory: [String] {
    let rows = league.workloads("memory").flatMap { workload in
      [(RecordKey.peakResident, "peak"), (.settledResident, "1 s after")].map { key, title -> [String] in
        let smallest = workload.least(League.rivals) { workload.bytes(key, of: $0) }
        let own = workload.bytes(key, of: League.threadCache).map { Units.bytes($0) } ?? "–"
        return ["\(workload.name), \(title)", own]
          + League.rivals.map { rival in
            let logarithms = workload.byteLogarithms(key, of: League.threadCache, against: rival)
            guard let median = Sample(logarithms)?.median else { return "–" }
            let text = Words.number(exp(median))
            return rival == smallest ? "**\(text)**" : text
          }
      }
    }
    if rows.isEmpty { return [] }
    return Words.table(["workload", "thread-cache"] + League.rivals.map { "÷ " + $0.name }, rows, leftAligned: 1)
  }

  private var idle: [String] {
    let moments: [RecordKey] = [.drainedResident, .settledResident, .purgedResident]
    let rows = [League.threadCache, Subject(.tcmalloc)].compactMap { subject -> [String]? in
      let figures = moments.map { league.idleBytes(of: subject, at: $0) }
      if figures.allSatisfy({ $0 == nil }) { return nil }
      return [subject.name] + figures.map { $0.map { Units.bytes($0) } ?? "–" }
    }
    return rows.isEmpty ? [] : Words.table(["", "at once", "after 1 s", "purged"], rows, leftAligned: 1)
  }

  private var latencies: [String] {
    let subjects = [League.threadCache] + League.rivals + [Subject(.null)]
    let columns = League.Percentile.judged.map { ($0.title, $0.path) } + [("longest", \LatencyFigures.maximum)]
    let rows = columns.flatMap { title, path in
      league.percentiles(title, path).map { percentile -> [String] in
        let best = percentile.workload.least(League.rivals, percentile.value)
        return ["\(percentile.workload.name), \(percentile.kind.rawValue), \(title)"]
          + subjects.map { subject in
            guard let value = percentile.value(of: subject) else { return "–" }
            let isBelow = subject.base != .null && percentile.isBelowClock(subject)
            let text = (isBelow ? "≤ " : "") + Units.latency(value)
            return subject == best ? "**\(text)**" : text
          }
      }
    }
    if rows.isEmpty { return [] }
    return Words.table([""] + subjects.map(\.name), rows, leftAligned: 1)
  }

  private var others: [String] {
    let rows = league.singles.map { entry in
      [entry.subject, entry.cell.rival, entry.what, entry.cell.name, entry.cell.figures]
    }
    return rows.isEmpty ? [] : Words.table(["subject", "against", "ratio of", "where", "ratio"], rows, leftAligned: 4)
  }
}

extension League {
  /// The cells of all rows that have no table of their own.
  fileprivate var singles: [(subject: String, what: String, cell: Cell)] {
    let (fixed, shared, region) = (Subject(.fixed), Subject(.fixedShared), Subject(.region))
    func entries(_ subject: Subject, _ what: String, _ cells: [Cell]) -> [(String, String, Cell)] {
      cells.map { (subject.name, what, $0) }
    }
    return entries(Self.threadCache, "speed", foreignCells + threadCells)
      + entries(fixed, "speed", speeds("fixed", fixed, against: Subject(.glibc)))
      + entries(fixed, "time", compared(fixed, with: "boost-pool"))
      + entries(shared, "speed", sharedCells.single + sharedCells.several)
      + entries(region, "speed", speeds("region", region, against: Subject(.glibc)))
      + entries(region, "time", compared(region, with: "bump") + compared(region, with: "monotonic"))
  }
}
