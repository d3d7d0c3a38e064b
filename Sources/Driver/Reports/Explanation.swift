public import Workload

/// What a workload means before it runs.
public struct Explanation {
  private let description: WorkloadDescription
  private let estimate: HeapEstimate
  private let subjects: [Subject]
  private let cores: Int

  public init(_ description: WorkloadDescription, subjects: [Subject], cores: Int) {
    self.description = description
    self.subjects = subjects
    self.cores = cores
    estimate = HeapEstimate(description)
  }

  public func text(width: Int, paint: Paint) -> String {
    var lines = [paint(description.name, .heading)]
    if let summary = description.summary { lines += wrap(summary, width: width) }
    let lanes = description.lanes
    lines.append(
      paint(
        "\(lanes) \(lanes == 1 ? "lane" : "lanes") · seed \(description.seed) · "
          + "\(Units.count(estimate.operations)) operations · about \(Units.bytes(estimate.peakLiveBytes)) live",
        .faint))
    for (phase, entries) in zip(description.phases, estimate.phases) {
      lines += [""] + self.lines(phase, entries, width: width, paint: paint)
    }
    for objects in description.usedClasses {
      lines += [""] + ClassExplanation(objects, description).lines(width: width, paint: paint)
    }
    lines += [""] + times(paint) + [""] + fits(width: width, paint: paint)
    return lines.map { $0 + "\n" }.joined()
  }

  private func lines(
    _ phase: Phase, _ entries: [HeapEstimate.Entry], width: Int, paint: Paint
  ) -> [String] {
    var facts = ["\(Units.shortCount(Double(phase.operations))) allocations per lane"]
    let producers = phase.threads - phase.consumers
    facts.append("\(phase.threads) \(phase.threads == 1 ? "lane" : "lanes")")
    if phase.consumers > 0 { facts.append("\(producers) allocating, \(phase.consumers) freeing") }
    if let rate = phase.rate { facts.append("\(Units.shortCount(rate)) a second and lane (latency pass)") }
    if let life = phase.threadLife { facts.append("threads live for \(Units.shortCount(Double(life))) allocations") }
    if phase.freesAtEnd { facts.append("scopes end with it") }
    if phase.pauseNanoseconds > 0 { facts.append("then idle for \(Units.nanoseconds(Double(phase.pauseNanoseconds)))") }

    func column(_ title: String) -> Table.Column {
      Table.Column(section: "phase \(phase.name)", title: title)
    }
    let total = entries.reduce(0) { $0 + $1.allocations }
    var rows = entries.map { entry in
      let name = description.classes[entry.classIndex].name
      return row(name, entry.allocations, of: total, entry.liveObjects, entry.liveBytes)
    }
    if entries.count > 1 {
      let live = entries.reduce(0) { $0 + $1.liveObjects }
      let bytes = entries.reduce(0) { $0 + $1.liveBytes }
      var sum = row("all", total, of: total, live, bytes)
      sum.emphasis = .heading
      rows.append(sum)
    }
    let table = Table(
      columns: [
        column("allocations"), column("share"), column("live objects"), column("live bytes"), column("mean size"),
      ], rows: rows)
    return table.lines(width: width, paint: paint)
      + wrap(facts.joined(separator: " · "), width: width).map {
        paint($0, .faint)
      }
  }

  private func row(
    _ name: String, _ allocations: Double, of total: Double, _ live: Double, _ bytes: Double
  ) -> Table.Row {
    let share = total > 0 ? Units.fixed(allocations / total * 100, 1) + " %" : "–"
    let mean = live >= 0.5 ? Units.bytes(bytes / live) : "–"
    let texts = [
      Units.grouped(allocations), share, Units.grouped(live), Units.bytes(bytes), mean,
    ]
    return Table.Row(name: name, content: .fields(texts.map { Table.Field(text: $0) }))
  }

  private func times(_ paint: Paint) -> [String] {
    let estimate = TimeEstimate(description)
    let parts = [Pass.throughput, .latency, .memory].map { pass in
      "\(pass.rawValue) \(Units.nanoseconds(estimate.run(pass, cores: cores, settles: true) * 1e9))"
    }
    return [
      paint("time", .heading),
      "  one worker run, about: \(parts.joined(separator: ", "))",
      paint("  at \(Units.fixed(TimeEstimate.nanosecondsPerOperation, 0)) ns an operation on \(cores) cores", .faint),
    ]
  }

  private func fits(width: Int, paint: Paint) -> [String] {
    let nameWidth = subjects.map(\.name.count).max() ?? 0
    return [paint("subjects", .heading)]
      + subjects.flatMap { subject -> [String] in
        let (words, emphasis): (String, Emphasis) =
          switch Fit.of(subject, description) {
          case .native: ("native", .plain)
          case .adapted(let list):
            ("adapted: " + list.map { "\($0.explanation) (\($0.rawValue))" }.joined(separator: "; "), .warning)
          case .skipped(let reason): ("skipped: \(reason)", .faint)
          }
        return wrap(words, width: max(16, width - nameWidth - 4)).enumerated().map { index, line in
          "  " + padded(index == 0 ? subject.name : "", to: nameWidth) + "  " + paint(line, emphasis)
        }
      }
  }
}
