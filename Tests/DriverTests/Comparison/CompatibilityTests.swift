import Testing
import Workload

@testable import Driver

/// What keeps two files from being compared.
struct CompatibilityTests {
  typealias Make = ComparisonSamples

  private static let values = [Double](repeating: 10, count: 10)
  private var file: ComparedFile { Make.file("old.json", [Make.cell(Self.values)]) }

  /// The clause that names a difference after a change of the second file.
  private func differences(_ change: (inout ComparedFile) -> Void) -> [String] {
    var other = file
    change(&other)
    do {
      _ = try Comparer().compare(file, other)
      return []
    } catch .different(let list) {
      return list
    } catch {
      return ["\(error)"]
    }
  }

  @Test func `every fact of the machine counts, but for its load`() {
    #expect(differences { $0.results.machine.load = "9.99" }.isEmpty)
    #expect(differences { $0.results.machine.processor = "Other" } == ["processor: Test CPU @ 2.50GHz and Other"])
    #expect(differences { $0.results.machine.cores = 4 } == ["cores: 2 and 4"])
    #expect(differences { $0.results.machine.memoryBytes = 16 << 30 } == ["memory: 8.00 GiB and 16.0 GiB"])
    #expect(differences { $0.results.machine.kernel = "Linux 6.2" } == ["kernel: Linux 6.1.0 and Linux 6.2"])
    #expect(differences { $0.results.machine.architecture = "aarch64" } == ["architecture: x86_64 and aarch64"])
    #expect(differences { $0.results.machine.libc = "glibc 2.40" } == ["libc: glibc 2.36 and glibc 2.40"])
    #expect(differences { $0.results.machine.hugePages = "always" } == ["transparent huge pages: madvise and always"])
    #expect(differences { $0.results.machine.governor = "powersave" } == ["governor: n/a and powersave"])
    #expect(differences { $0.results.machine.addressRandomisation = "off" } == ["address randomisation: full and off"])
    #expect(
      differences { $0.results.machine.groupLimits = ["cpu.max=1 2"] } == ["cgroup limits: none and cpu.max=1 2"])
  }

  @Test func `so does what was replayed, and how`() {
    #expect(differences { $0.results.workloads[0].seed = 8 } == ["churn: seed: 7 and 8"])
    #expect(differences { $0.results.workloads[0].lanes = 2 } == ["churn: lanes: 1 and 2"])
    #expect(differences { $0.results.workloads[0].text = "size = 32\n" } == ["churn: the workload's text"])
    #expect(
      differences { $0.results.workloads[0].overrides.operations = 5 } == ["churn: settings: none and operations=5"])
    #expect(
      differences { $0.results.workloads[0].streamDigests[7] = "0" }
        == ["churn: stream of seed 7: 00000000cafef00d and 0"])
    #expect(differences { $0.results.workloads[0].streamDigests = [8: "0"] }.isEmpty)
    #expect(differences { $0.plan.isCold = true } == ["warm-up: one replay and none (--cold)"])
    #expect(differences { $0.plan.seeds = 4 } == ["seeds in turn: 1 and 4"])
    #expect(differences { $0.plan.processors = [1] } == ["processors: any and 1"])
    let turns = differences { $0.results.workloads[0].cells = [Make.cell(Self.values, turns: true)] }
    #expect(turns == ["churn: throughput replayed: as whole runs and in turns"])
    let adapted = differences { $0.results.workloads[0].cells[0].fit = .adapted([.perLane]) }
    #expect(adapted == ["churn: thread-cache runs: native and adapted (one pool per lane)"])
  }

  @Test func `so does who shared the processor in turns`() throws {
    func file(_ subjects: [Subject.Base]) -> ComparedFile {
      Make.file("file", subjects.map { Make.cell(of: Subject($0), Self.values, turns: true) })
    }
    #expect(throws: ComparisonRefusal.different(["churn: took turns together: glibc, region and region"])) {
      try Comparer(subjects: ["region"]).compare(file([.region, .glibc]), file([.region]))
    }
    #expect(throws: Never.self) { try Comparer().compare(file([.region, .glibc]), file([.glibc, .region])) }
  }

  @Test func `all differences are told at once, and those of a workload that is not looked at are not`() {
    let list = differences {
      $0.results.machine.cores = 4
      $0.results.workloads[0].seed = 8
    }
    #expect(list == ["cores: 2 and 4", "churn: seed: 7 and 8"])
    var (one, two) = (file, file)
    one.results.workloads.append(Make.file("", [Make.cell(Self.values)], name: "pairs").results.workloads[0])
    two.results.workloads = one.results.workloads
    two.results.workloads[1].seed = 9
    #expect(throws: Never.self) { try Comparer(workloads: ["churn"]).compare(one, two) }
  }

  @Test func `versions of allocators may differ, and are shown`() throws {
    var other = file
    other.results.workloads[0].cells[0].version = "poolbench 0.2.0"
    let comparison = try Comparer().compare(file, other)
    #expect(
      ComparisonWords(comparison).advice == ["thread-cache is poolbench 0.1.0 in BASE, poolbench 0.2.0 in NEW"])
  }

  @Test(arguments: ComparisonFormat.allCases)
  func `what is compared by force says so in every format`(format: ComparisonFormat) throws {
    var other = file
    other.results.machine.cores = 4
    other.damage = "line 9 is damaged"
    let comparison = try Comparer(isForced: true).compare(file, other)
    #expect(comparison.warnings == ["different: cores: 2 and 4", "old.json: line 9 is damaged"])
    if format == .csv { return }
    let text = format.text(comparison, isStrict: false, width: 100, paint: .plain)
    for warning in comparison.warnings { #expect(text.contains(warning), "\(text)") }
  }
}
