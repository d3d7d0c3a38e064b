import CPlatform
import Testing
import Workload

@testable import Engine

/// Whole runs in this process, over malloc and over pools that do wrong.
@Suite(.serialized) struct SessionTests {
  static func description(
    operations: UInt64 = 12_000, threads: Int = 1, consumers: Int = 0, lifetime: Lifetime = .drawn(.fixed(100)),
    freedByOther: Double = 0, resize: Resize? = nil, calls: [CallShare] = [CallShare(call: .malloc, weight: 1)],
    threadLife: UInt64? = nil, scopes: [Scope] = []
  ) -> WorkloadDescription {
    let objects = ObjectClass(
      name: "all", size: Distribution(.uniform(1, 700)), lifetime: lifetime, calls: calls, access: 0.5, write: 0.5,
      resize: resize, freedByOther: freedByOther)
    return WorkloadDescription(
      name: "test", threads: threads, scopes: scopes, classes: [objects],
      phases: [
        Phase(
          name: "main", operations: operations, threads: threads, consumers: consumers,
          mix: [ClassShare(classIndex: 0, weight: 1)], threadLife: threadLife)
      ])
  }

  static func record<P: Pool & ~Copyable>(
    _ pool: P.Type, _ pass: Pass, _ description: WorkloadDescription, sharedWords: Int = 1 << 20,
    isCold: Bool = false
  ) throws -> RunRecord {
    var record = RunRecord()
    measure(pool, try plan(pass, description, sharedWords: sharedWords, isCold: isCold), into: &record)
    return record
  }

  static func plan(_ pass: Pass, _ description: WorkloadDescription, sharedWords: Int, isCold: Bool = false) throws
    -> RunPlan
  {
    var request = WorkerRequest(subject: Subject(.glibc), pass: pass, workloadName: "test")
    request.isCold = isCold
    request.settles = false
    return try RunPlan(request: request, description: description, allocator: noAllocator, sharedWords: sharedWords)
  }

  private static var noAllocator: pb_allocator {
    pb_allocator(
      name: nil, version: { nil }, purge: {}, statistics: { _ in false }, free_sized: nil, system_calls: { _ in false },
      occupy: nil)
  }

  static let shapes: [WorkloadDescription] = [
    description(),
    description(lifetime: .fifo(50), resize: Resize(share: 0.5, times: 2)),
    description(lifetime: .lifo(70), calls: [.init(call: .calloc, weight: 1), .init(call: .aligned(256), weight: 1)]),
    description(lifetime: .scope(0), scopes: [Scope(name: "s", length: Distribution(.uniform(1, 60)))]),
    description(threads: 3, freedByOther: 0.7),
    description(threads: 5, consumers: 2, freedByOther: 0.9),
    description(threads: 2, freedByOther: 0.5, threadLife: 1_000),
    description(lifetime: .forever),
  ]

  @Test(arguments: shapes)
  func `malloc passes verification`(description: WorkloadDescription) throws {
    let record = try Self.record(MallocPool.self, .verification, description)
    #expect(record[.status] == "ok", "\(record.all(.violation))")
  }

  @Test(arguments: shapes)
  func `rounds cut the same stream in other places`(description: WorkloadDescription) throws {
    let whole = try Self.record(MallocPool.self, .throughput, description, sharedWords: 1 << 22)
    let cut = try Self.record(MallocPool.self, .throughput, description, sharedWords: 4_096)
    #expect(whole[.status] == "ok")
    #expect(whole[.streamDigest] == cut[.streamDigest])
    #expect(whole[.ops] == cut[.ops])
    #expect(whole[.drainOps] == cut[.drainOps])
    #expect(try #require(cut.integer(.rounds)) > 2)
    #expect(whole.integer(.rounds) == 1)
  }

  @Test func `a lane that is done with a phase before the others waits for them`() throws {
    // Lanes draw lifetimes, so their streams differ in length by more than one of these rounds.
    let description = Self.description(
      threads: 3, lifetime: .drawn(Distribution(.uniform(0, 3_000))), freedByOther: 0.3)
    let whole = try Self.record(MallocPool.self, .verification, description, sharedWords: 1 << 22)
    let cut = try Self.record(MallocPool.self, .verification, description, sharedWords: 90)
    #expect(cut[.status] == "ok")
    #expect(cut[.allocations] == "36000")
    #expect(whole[.streamDigest] == cut[.streamDigest])
  }

  @Test func `the warm-up's hand-overs are not counted`() throws {
    let description = Self.description(operations: 3_000, threads: 2, freedByOther: 1)
    let plan = try Self.plan(.throughput, description, sharedWords: 1 << 20)
    let session = try Session<MallocPool, NoRecorder>(plan, track: MemoryTrack(lanes: 2)) { _ in NoRecorder() }
    try session.run()
    let sent = (0..<2).reduce(0) { $0 + session.mailboxes.statistics($1).bytesSent }
    // The warm-up is the same stream once more.
    #expect(session.handOvers.bytesSent * 2 == sent)
    #expect(session.handOvers.batches > 0)
  }

  @Test(arguments: Pass.allCases)
  func `memory that is refused is told with the bytes alive then`(pass: Pass) throws {
    for sharedWords in [1 << 20, 512] {
      let record = try Self.record(
        StingyPool.self, pass, Self.description(lifetime: .forever), sharedWords: sharedWords)
      #expect(record[.status] == "out-of-memory")
      // A thousand objects of 1 to 700 bytes, less those that a round's warm-up has used up.
      #expect((200_000...400_000).contains(try #require(record.integer(.peakLive))))
    }
  }

  @Test func `a class that no phase allocates changes nothing for a pool of one size`() throws {
    var description = Self.description()
    description.classes[0].size = Distribution(.fixed(64))
    var other = description.classes[0]
    other.name = "unused"
    other.size = Distribution(.fixed(8_000))
    description.classes.append(other)
    #expect(Fit.of(Subject(.fixed), description) == .native)
    #expect(try Self.record(FixedPool.self, .throughput, description)[.status] == "ok")
  }

  @Test(arguments: 1...2)
  func `a class that no phase allocates may be without a scope in a region`(scopes: Int) throws {
    let all = (0..<scopes).map { Scope(name: "s\($0)", length: Distribution(.uniform(1, 60))) }
    var description = Self.description(lifetime: .scope(scopes - 1), scopes: all)
    var other = description.classes[0]
    other.name = "unused"
    other.lifetime = .forever
    description.classes.append(other)
    #expect(Fit.of(Subject(.region), description) == .native)
    let record =
      scopes == 1
      ? try Self.record(OneRegionPool.self, .throughput, description)
      : try Self.record(RegionPool.self, .throughput, description)
    #expect(record[.status] == "ok")
  }

  @Test(arguments: Pass.allCases)
  func `every pass replays the same stream`(pass: Pass) throws {
    let record = try Self.record(MallocPool.self, pass, Self.shapes[4])
    let other = try Self.record(MallocPool.self, .throughput, Self.shapes[4])
    #expect(record[.status] == "ok")
    #expect(record[.streamDigest] == other[.streamDigest])
  }

  @Test func `latencies are counted once for each operation of a kind`() throws {
    let record = try Self.record(MallocPool.self, .latency, Self.description(operations: 5_000))
    var counts: [String: Int] = [:]
    for line in record.all(.histogram) {
      let parts = line.split(separator: " ")
      counts[String(parts[0])] = parts.dropFirst().reduce(0) { $0 + Int($1.split(separator: ":")[1])! }
    }
    // Each of 5,000 is freed in the run or the drain, and visited 0.5 times.
    #expect(counts == ["allocate": 5_000, "free": 5_000, "touch": 5_000, "access": 2_500])
  }

  @Test func `a subject without memory ends the run with a reason`() throws {
    let record = try Self.record(StingyPool.self, .throughput, Self.shapes[0])
    #expect(record[.status] == "out-of-memory")
    #expect(record[.note]?.contains("refused") == true)
    let threaded = try Self.record(StingyPool.self, .throughput, Self.shapes[5])
    #expect(threaded[.status] == "out-of-memory")
  }

  @Test func `memory handed out twice is found`() throws {
    let record = try Self.record(FaultyPool<Overlapping>.self, .verification, Self.shapes[0])
    #expect(record[.status] == "failed")
    #expect(record[.note]?.contains("memory of a live object") == true)
    #expect(record[.note]?.contains("lane 0, operation ") == true)
  }

  @Test func `a misaligned address is found`() throws {
    let record = try Self.record(FaultyPool<Misaligned>.self, .verification, Self.shapes[0])
    #expect(record[.note]?.contains("misaligned") == true)
  }

  @Test func `contents lost by a resize are found`() throws {
    let record = try Self.record(FaultyPool<Forgetful>.self, .verification, Self.shapes[1])
    #expect(record[.note]?.contains("resize lost") == true)
  }

  @Test func `calloc of used memory is found`() throws {
    let record = try Self.record(FaultyPool<Dirty>.self, .verification, Self.shapes[2])
    #expect(record[.note]?.contains("not zero") == true)
  }
}
