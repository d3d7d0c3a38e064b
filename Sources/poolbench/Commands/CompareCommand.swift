import ArgumentParser
import Driver
import Workload

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Says what has become slower, faster or larger, and whether that can be told from noise.",
    discussion: """
      Compares two files that 'poolbench run --json' wrote, two subjects of one file, or two builds that it measures now, \
      block by block in turns, which tells far smaller changes apart.

      Examples:
        poolbench compare old.json new.json --threshold throughput=3%
        poolbench compare results.json --between jemalloc,thread-cache
        poolbench compare --run ../base/.build/release .build/release workloads/churn.txt
        poolbench compare --run libmine-old.so libmine-new.so workloads --budget 10m
        poolbench compare old.json new.json --format table --format junit=report.xml

      Exit status: 0 nothing regressed, 1 something regressed, 2 a cell failed in BASE or on both sides, 3 with --strict \
      a cell is undecided, 4 the sides cannot be compared, 64 usage, 65 bad input, 69 a program or library is missing, 73 output cannot be written, \
      130 interrupted.
      """)

  @Argument(help: ArgumentHelp("BASE and NEW; with --run two builds or libraries, then workloads.", valueName: "input"))
  var inputs: [String]

  @Option(help: ArgumentHelp("Two subjects of one file, the second against the first.", valueName: "base,new"))
  var between: String?

  @Flag(
    name: .customLong("run"),
    help: "Measures BASE and NEW now: poolbench programs, folders of them, or two shared libraries of allocators.")
  var measures = false

  @OptionGroup(title: "Comparison") var options: ComparisonOptions
  @OptionGroup(title: "Measurement with --run") var measuring: ComparisonRunOptions

  mutating func validate() throws {
    if measures {
      if between != nil { throw ValidationError("--run and --between exclude each other") }
      if inputs.count < 3 { throw ValidationError("--run takes BASE, NEW and at least one workload") }
      if options.workload != nil { throw ValidationError("with --run name the workloads themselves, not --workload") }
      return
    }
    if measuring.isUsed { throw ValidationError("\(measuring.used) measures, and only --run does that") }
    if let between {
      if ListSyntax.split(between).count != 2 {
        throw ValidationError("--between takes two subjects such as jemalloc,thread-cache, not '\(between)'")
      }
      if inputs.count != 1 { throw ValidationError("--between takes one file, which holds both subjects") }
    } else if inputs.count != 2 {
      throw ValidationError("name two files, BASE and NEW; or one and --between A,B; or use --run")
    }
  }

  func run() throws {
    if measures {
      try ComparisonRun(inputs: inputs, options: options, measuring: measuring).run()
      return
    }
    try options.refuseToOverwrite(inputs)
    let thresholds = try options.thresholds()
    try reportingFailures {
      let files = try inputs.map(Self.read)
      let output = try ComparisonOutput(options)
      let comparer = Comparer(
        thresholds: thresholds, subjects: options.subjects, workloads: options.workloads, isForced: options.force)
      return try refusing {
        let comparison =
          if let names = between.map(ListSyntax.split) {
            try comparer.compare(files[0], between: try Self.sides(names, in: files[0]))
          } else {
            try comparer.compare(files[0], files[1])
          }
        return try output.write(comparison)
      }
    }
  }

  private static func sides(_ names: [String], in file: ComparedFile) throws -> ComparedSides {
    do {
      return try ComparedSides(names[0], names[1], in: file)
    } catch {
      throw Failure(.usage, ["error: \(error)"])
    }
  }

  private static func read(_ path: String) throws -> ComparedFile {
    do {
      let file = try ResultFile.read(path)
      return ComparedFile(
        label: path, results: file.results, plan: file.plan, damage: file.damage, isComplete: file.isComplete)
    } catch {
      throw Failure(.badInput, ["error: \(error)"])
    }
  }
}

/// Tells why nothing is compared.
func refusing(_ body: () throws -> ExitStatus) throws -> ExitStatus {
  do {
    return try body()
  } catch ComparisonRefusal.different(let differences) {
    throw Failure(
      .notComparable,
      ["error: the sides differ in more than their subjects; --force compares them all the same:"]
        + differences.map { "  \($0)" })
  } catch ComparisonRefusal.nothing(let reason) {
    throw Failure(.usage, ["error: \(reason)"])
  } catch ComparisonRefusal.empty {
    throw Failure(
      .badInput, ["error: there is nothing to compare: no cell has a figure of a judged metric on either side"])
  }
}
