import Foundation
import Testing

@testable import Driver

/// How many blocks a run of the built program measures, and where, with scripts in place of workers.
@Suite(.serialized)
struct MeasureOptionsTests {
  private func installed(_ body: (Installation) throws -> Void) throws {
    let installation = try Installation()
    defer { installation.remove() }
    try body(installation)
  }

  @Test(arguments: [
    (["--blocks", "0"], "1 to 1000"), (["--seeds", "x"], "--seeds"), (["--budget", "soon"], "'soon'"),
    (["--pin", "0-"], "'0-'"), (["--pin", "4000"], "processor 4000 is not one"),
    (["--build", "old"], "NAME=FOLDER"), (["--build", "old=/nonexistent"], "no worker programs in /nonexistent"),
    (["--subjects", "glibc@old"], "'old' is not a build"),
  ])
  func `a wrong option is told with status 64`(arguments: [String], words: String) throws {
    try installed { poolbench in
      let line = arguments.joined(separator: " ")
      let run = try poolbench.shell("\"$poolbench\" run x.txt \(line)")
      #expect(run.status == 64 && run.output.isEmpty && run.errors.contains(words), "\(run.errors)")
    }
  }

  @Test func `blocks are measured in turns, or whole where that is asked for`() throws {
    try installed { poolbench in
      let workload = try poolbench.workload("pairs.txt")
      let turns = try poolbench.run(
        "run", workload, "--subjects", "glibc", "--passes", "throughput", "--blocks", "3", "--pin", "auto")
      #expect(turns.status == 0 && turns.output.contains("3 blocks"))
      #expect(turns.output.contains("workers took turns on one processor"))
      #expect(poolbench.started.count == 6)
      let whole = try poolbench.run(
        "run", workload, "--subjects", "glibc", "--passes", "throughput", "--repetitions", "2", "--whole-runs")
      #expect(whole.status == 0 && whole.output.contains("2 blocks"))
      #expect(whole.output.contains("workers ran one by one"))
      #expect(poolbench.started.count == 10)
    }
  }

  @Test func `another build's workers are a subject beside the own ones`() throws {
    try installed { poolbench in
      try installed { other in
        let run = try poolbench.run(
          "run", try poolbench.workload("pairs.txt"), "--build", "old=\(other.folder)", "--subjects",
          "glibc,glibc@old", "--passes", "throughput", "--blocks", "1")
        #expect(run.status == 0 && run.output.contains("\nglibc@old"), "\(run.output)\(run.errors)")
        #expect(other.started.count == 1 && poolbench.started.count == 2)
      }
    }
  }
}
