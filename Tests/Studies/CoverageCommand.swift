import ArgumentParser
import Driver

/// How often the 95 % interval holds the truth under the stopping rule, and how often no change is called a regression.
struct CoverageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coverage",
    abstract: "Simulates the coverage of the 95 % interval under the stopping rule.",
    discussion: """
      For each shape of noise a subject is compared with itself many times. Shown are the shares in hundredths, with \
      their one-sided 95 % binomial bounds. Exit status 1 if the bounds refute for any shape that the interval holds \
      the truth in at least 93 % of the comparisons, or that at most 1 % are called a regression of more than 2 %.
      """)

  @Option(help: "Comparisons a shape.") var comparisons = 4000
  @Option(help: "Seed of the simulated noise.") var seed: UInt64 = 1

  func validate() throws {
    if comparisons < 1 { throw ValidationError("--comparisons has to be at least 1") }
  }

  func run() throws {
    let looks = StoppingRule.looks.map(String.init).joined(separator: ", ")
    print("\(comparisons) comparisons a shape, seed \(seed); pairs are looked at after \(looks) blocks")
    print(line("noise", "scale", "blocks", "95 % interval holds", "called regressed"))
    var refuted = 0
    for shape in NoiseShape.measured { refuted += report(.pairs, shape) }
    for blocks in [10, 40] {
      print("two files of \(blocks) blocks")
      for shape in NoiseShape.unpaired { refuted += report(.files(blocks), shape) }
    }
    print(refuted == 0 ? "nothing refuted" : "refuted: \(refuted)")
    if refuted > 0 { throw ExitCode(1) }
  }

  /// Prints a shape's line.
  ///
  /// - Returns: how many claims it refutes.
  private func report(_ design: SimulatedComparison.Design, _ shape: NoiseShape) -> Int {
    let median = shape.median()
    let (seed, comparisons) = (seed, comparisons)
    let trials = parallelMap(comparisons) { trial in
      SimulatedComparison(design, shape, median: median, seed: seed, trial: trial)
    }
    let covered = Finding(claim: .atLeast(0.93), seen: Binomial(trials.count(where: \.isCovered), of: comparisons))
    let regressed = Finding(claim: .atMost(0.01), seen: Binomial(trials.count(where: \.isRegressed), of: comparisons))
    let blocks = Double(trials.reduce(0) { $0 + $1.blocks }) / Double(comparisons)
    print(
      line(
        shape.name, "\((shape.scale * 1000).rounded() / 10) %", "\((blocks * 10).rounded() / 10)", covered.text,
        regressed.text))
    return [covered, regressed].count(where: \.isRefuted)
  }

  private func line(_ fields: String...) -> String {
    zip(fields, [22, 8, 8, 28, 0]).reduce("") { line, field in
      line + field.0 + String(repeating: " ", count: max(0, field.1 - field.0.count))
    }
  }
}
