import TestSupport
import Testing
import Workload

/// The judge itself, on streams short enough to be written by hand from the text.
struct NaiveStreamTests {
  @Test func `a life of 0 ends before anything else happens`() throws {
    let stream = try naive([ObjectClass(name: "a", size: .fixed(64), lifetime: .drawn(.fixed(0)))], operations: 2)
    #expect(
      stream.lanes[0].phases[0] == [
        allocate(0, 64), .free(slot: 0), .mark(live: 0, peak: 64),
        allocate(0, 64), .free(slot: 0), .mark(live: 0, peak: 64), .mark(live: 0, peak: 0),
      ])
    #expect(stream.lanes[0].drain == [])
    #expect(stream.words(lane: 0, phase: 0).prefix(2) == [64 << 34, 1])
    #expect(stream.counts == NominalCounts(allocations: 2, frees: 2))
  }

  @Test func `a life of L ends before the L+1st allocation after it, and the slot freed last is used again`() throws {
    let stream = try naive([ObjectClass(name: "a", size: .fixed(8), lifetime: .drawn(.fixed(1)))], operations: 4)
    #expect(
      unmarked(stream.lanes[0].phases[0]) == [
        allocate(0, 8), allocate(1, 8),
        .free(slot: 0), allocate(0, 8),
        .free(slot: 1), allocate(1, 8),
      ])
    #expect(stream.lanes[0].drain == [.free(slot: 0), .free(slot: 1)])
  }

  @Test func `fifo frees before the d-th younger one, lifo frees all when one more is wanted`() throws {
    let fifo = try naive([ObjectClass(name: "a", size: .fixed(8), lifetime: .fifo(2))], operations: 4)
    #expect(
      unmarked(fifo.lanes[0].phases[0]) == [
        allocate(0, 8), allocate(1, 8), .free(slot: 0), allocate(0, 8), .free(slot: 1), allocate(1, 8),
      ])
    #expect(fifo.lanes[0].drain == [.free(slot: 0), .free(slot: 1)])
    let lifo = try naive([ObjectClass(name: "a", size: .fixed(8), lifetime: .lifo(2))], operations: 5)
    #expect(
      unmarked(lifo.lanes[0].phases[0]) == [
        allocate(0, 8), allocate(1, 8),
        .free(slot: 1), .free(slot: 0), allocate(0, 8), allocate(1, 8),
        .free(slot: 1), .free(slot: 0), allocate(0, 8),
      ])
    #expect(lifo.lanes[0].drain == [.free(slot: 0)])
  }

  @Test func `what a fifo displaces falls due in order of allocation with the rest`() throws {
    // Both classes are needed in a known order: one phase each.
    let classes = [
      ObjectClass(name: "queue", size: .fixed(8), lifetime: .fifo(1)),
      ObjectClass(name: "timed", size: .fixed(16), lifetime: .drawn(.fixed(1))),
    ]
    let stream = try naiveStream(
      WorkloadDescription(
        name: "t", classes: classes, phases: [phase(1, mix: [0]), phase(1, mix: [1]), phase(2, mix: [0])]))
    #expect(unmarked(stream.lanes[0].phases[0]) == [allocate(0, 8)])
    #expect(unmarked(stream.lanes[0].phases[1]) == [allocate(1, 16, variant: 1)])
    // The queue's second object displaces the first; the timed one is due with that one, before it in age.
    #expect(
      unmarked(stream.lanes[0].phases[2]) == [
        .free(slot: 0), allocate(0, 8), .free(slot: 1), .free(slot: 0), allocate(0, 8),
      ])
  }

  @Test func `scopes are opened outer first, end inner first, and free their own objects, youngest first`() throws {
    let scopes = [
      Scope(name: "inner", length: .fixed(2), inside: 1), Scope(name: "outer", length: .fixed(2)),
      Scope(name: "unused", length: .fixed(3)),
    ]
    let classes = [
      ObjectClass(name: "short", size: .fixed(8), lifetime: .scope(0)),
      ObjectClass(name: "long", size: .fixed(16), lifetime: .scope(1)),
    ]
    let stream = try naiveStream(
      WorkloadDescription(
        name: "t", scopes: scopes, classes: classes,
        phases: [phase(2, mix: [0]), phase(1, mix: [1]), phase(2, mix: [0])]
      ))
    let phases = stream.lanes[0].phases.map(unmarked)
    #expect(
      phases[0] == [.scopeBegin(1), .scopeBegin(0), .scopeBegin(2), allocate(0, 8), allocate(1, 8)])
    #expect(
      phases[1] == [
        .scopeEnd(0, count: 2), .free(slot: 1), .free(slot: 0), .scopeBegin(0), allocate(0, 16, variant: 1),
      ])
    #expect(
      phases[2] == [
        .scopeEnd(2, count: 0), .scopeBegin(2), allocate(1, 8),
        .scopeEnd(0, count: 1), .free(slot: 1), .scopeEnd(1, count: 1), .free(slot: 0),
        .scopeBegin(1), .scopeBegin(0), allocate(0, 8),
      ])
    #expect(
      stream.lanes[0].drain == [
        .scopeEnd(0, count: 1), .free(slot: 0), .scopeEnd(1, count: 0), .scopeEnd(2, count: 0),
      ])
    #expect(stream.counts == NominalCounts(allocations: 5, frees: 4))
    #expect(stream.drainCounts == NominalCounts(frees: 1))
  }

  @Test func `a phase can end the scopes that are open, and the next one opens new ones`() throws {
    var first = phase(1, mix: [0])
    first.freesAtEnd = true
    let stream = try naiveStream(
      WorkloadDescription(
        name: "t", scopes: [Scope(name: "s", length: .fixed(9))],
        classes: [
          ObjectClass(name: "a", size: .fixed(8), lifetime: .scope(0)),
          ObjectClass(name: "b", size: .fixed(8), lifetime: .forever),
        ], phases: [first, phase(1, mix: [1])]))
    #expect(
      stream.lanes[0].phases == [
        [
          .scopeBegin(0), allocate(0, 8), .mark(live: 8, peak: 8), .scopeEnd(0, count: 1), .free(slot: 0),
          .mark(live: 0, peak: 8),
        ],
        [.scopeBegin(0), allocate(0, 8, variant: 1), .mark(live: 8, peak: 8), .mark(live: 8, peak: 8)],
      ])
    #expect(stream.lanes[0].drain == [.scopeEnd(0, count: 0), .free(slot: 0)])
  }

  @Test func `resizes come at equal parts of a life, or at once`() throws {
    // Ages 2 and 3 of a life of 4.
    let known = try naive(
      [
        ObjectClass(
          name: "a", size: .fixed(10), lifetime: .drawn(.fixed(4)), resize: Resize(share: 1, factor: 1.5, times: 2))
      ], operations: 6)
    #expect(
      unmarked(known.lanes[0].phases[0]) == [
        allocate(0, 10), allocate(1, 10), allocate(2, 10),
        resize(0, 10, 15), allocate(3, 10),
        resize(0, 15, 22), resize(1, 10, 15), allocate(4, 10),
        .free(slot: 0), resize(1, 15, 22), resize(2, 10, 15), allocate(0, 10),
      ])
    let none = try naive(
      [ObjectClass(name: "a", size: .fixed(3), lifetime: .drawn(.fixed(0)), resize: Resize(share: 1, times: 2))],
      operations: 1)
    #expect(
      none.lanes[0].phases[0] == [
        allocate(0, 3), resize(0, 3, 6), resize(0, 6, 12), .free(slot: 0), .mark(live: 0, peak: 12),
        .mark(live: 0, peak: 0),
      ])
    let unknown = try naive(
      [ObjectClass(name: "a", size: .fixed(1), lifetime: .forever, resize: Resize(share: 1, factor: 0.5, times: 2))],
      operations: 3)
    #expect(
      unmarked(unknown.lanes[0].phases[0]) == [
        allocate(0, 1), resize(0, 1, 1), allocate(1, 1), resize(0, 1, 1), resize(1, 1, 1), allocate(2, 1),
      ])
    // The only age, ⌈1/2⌉ = 1, is that of the death, which comes first.
    let late = try naive(
      [ObjectClass(name: "a", size: .fixed(3), lifetime: .drawn(.fixed(1)), resize: Resize(share: 1))], operations: 5)
    #expect(late.counts == NominalCounts(allocations: 5, frees: 3))
  }

  @Test func `marked objects go to the next lane, or to the consumers in turn, and to nobody from a lone lane`() throws
  {
    let classes = [ObjectClass(name: "a", size: .fixed(8), lifetime: .drawn(.fixed(0)), freedByOther: 1)]
    var ring = phase(1, mix: [0])
    ring.threads = 3
    var funnel = phase(1, mix: [0])
    funnel.threads = 5
    funnel.consumers = 2
    let stream = try naiveStream(
      WorkloadDescription(name: "t", classes: classes, phases: [ring, funnel, phase(1, mix: [0])]))
    #expect(stream.lanes.count == 5)
    for lane in 0..<3 {
      #expect(
        unmarked(stream.lanes[lane].phases[0]) == [
          .mailbox, allocate(0, 8), .handOver(slot: 0, size: 8, lane: (lane + 1) % 3),
        ])
      #expect(
        unmarked(stream.lanes[lane].phases[1]) == [
          allocate(0, 8), .handOver(slot: 0, size: 8, lane: 3 + lane % 2),
        ])
    }
    #expect(unmarked(stream.lanes[0].phases[2]) == [allocate(0, 8), .free(slot: 0)])
    #expect(stream.lanes[1].phases[2] == [])
    #expect(stream.lanes[3].phases == [[], [], []])
    #expect(stream.lanes[0].phases[0].suffix(2) == [.mark(live: 0, peak: 8), .mark(live: 0, peak: 0)])
  }

  @Test func `a parked lane's objects wait, and what is left is freed in order of allocation`() throws {
    var both = phase(2, mix: [0])
    both.threads = 2
    let stream = try naiveStream(
      WorkloadDescription(
        name: "t", classes: [ObjectClass(name: "a", size: .fixed(8), lifetime: .drawn(.fixed(1)), freedByOther: 1)],
        phases: [both, phase(5, mix: [0]), both]))
    let phases = stream.lanes[1].phases.map(unmarked)
    #expect(phases[0] == [.mailbox, allocate(0, 8), .mailbox, allocate(1, 8)])
    #expect(phases[1] == [])
    #expect(
      phases[2] == [
        .handOver(slot: 0, size: 8, lane: 0), .mailbox, allocate(0, 8),
        .handOver(slot: 1, size: 8, lane: 0), .mailbox, allocate(1, 8),
      ])
    #expect(stream.lanes[1].drain == [.free(slot: 0), .free(slot: 1)])
  }

  @Test func `visits are made as the debt grows, to objects of the class that live`() throws {
    let classes = [
      ObjectClass(name: "a", size: .fixed(5), lifetime: .drawn(.fixed(0)), access: 1.5, write: 1),
      ObjectClass(name: "b", size: .fixed(9), lifetime: .forever, access: 1),
    ]
    let stream = try naiveStream(
      WorkloadDescription(name: "t", classes: classes, phases: [phase(2, mix: [0]), phase(3, mix: [1])]))
    let visit = Operation.access(slot: 0, bytes: 5, isWrite: true)
    #expect(
      unmarked(stream.lanes[0].phases[0]) == [
        allocate(0, 5), visit, .free(slot: 0), allocate(0, 5), visit, visit, .free(slot: 0),
      ])
    // Three numbers have been taken for the targets above.
    var random = Xoshiro256(seed: 1, lane: 0, attribute: .accessTarget)
    for _ in 0..<3 { _ = random.next() }
    let targets = (1...3).map { random.next(below: $0) }
    #expect(
      unmarked(stream.lanes[0].phases[1])
        == (0..<3).flatMap { index in
          [allocate(UInt64(index), 9, variant: 1), .access(slot: targets[index], bytes: 8, isWrite: false)]
        })
  }

  @Test func `the last of the live takes the place of one that leaves`() throws {
    let stream = try naive(
      [ObjectClass(name: "a", size: .fixed(8), lifetime: .drawn(.fixed(3)), access: 1)], operations: 40)
    var random = Xoshiro256(seed: 1, lane: 0, attribute: .accessTarget)
    var list: [UInt64] = []
    var expected: [UInt64] = []
    for number in 0..<40 as Range<UInt64> {
      if number >= 4 {
        // With a life of 3 four are alive, and the dying one's slot goes to the new one.
        let place = list.firstIndex(of: number % 4)!
        let last = list.removeLast()
        if place < list.count { list[place] = last }
      }
      list.append(number % 4)
      expected.append(list[Int(random.next(below: UInt64(list.count)))])
    }
    let visited = stream.lanes[0].phases[0].compactMap { operation in
      if case .access(let slot, _, _) = operation { slot } else { nil as UInt64? }
    }
    #expect(visited == expected)
  }

  @Test func `rates, thread ends and marks stand where the text has them`() throws {
    var timed = phase(4, mix: [0])
    timed.rate = 1000
    timed.threadLife = 2
    let classes = [ObjectClass(name: "a", size: .fixed(1), lifetime: .forever)]
    let stream = try naiveStream(WorkloadDescription(name: "t", classes: classes, phases: [timed]))
    #expect(
      stream.lanes[0].phases[0] == [
        .due, allocate(0, 1), .mark(live: 1, peak: 1), .due, allocate(1, 1), .mark(live: 2, peak: 2), .threadEnd,
        .due, allocate(2, 1), .mark(live: 3, peak: 3), .due, allocate(3, 1), .mark(live: 4, peak: 4),
        .mark(live: 4, peak: 4),
      ])
    let long = try naiveStream(
      WorkloadDescription(name: "t", classes: classes, phases: [phase(500, mix: [0]), phase(400, mix: [0])]))
    let places = long.lanes[0].phases.map { operations in
      operations.indices.filter { if case .mark = operations[$0] { true } else { false } }
    }
    // 900 / 256 = 3: after every third allocation of both phases together, and at the end of each.
    #expect(places[0] == (1...166).map { $0 * 3 + $0 - 1 } + [500 + 166])
    #expect(places[1].first == 1)
    #expect(places[1].count == 134 + 1)
  }

  @Test func `classes, sizes and calls are drawn each from its own numbers`() throws {
    let classes = [
      ObjectClass(
        name: "a", size: Distribution(.choice([Weighted(8, weight: 1), Weighted(24, weight: 3)])), lifetime: .forever,
        calls: [CallShare(call: .malloc, weight: 1), CallShare(call: .calloc, weight: 1)]),
      ObjectClass(name: "b", size: Distribution(.uniform(100, 199)), lifetime: .forever),
    ]
    let mix = [ClassShare(classIndex: 1, weight: 3), ClassShare(classIndex: 0, weight: 1)]
    let stream = try naiveStream(
      WorkloadDescription(
        name: "t", seed: 7, classes: classes, phases: [Phase(name: "p", operations: 100, threads: 1, mix: mix)]))
    var (which, size, call) = (random(.objectClass), random(.size), random(.call))
    let half = UInt64(1) << 63
    let expected = (0..<100 as Range<UInt64>).map { slot in
      if which.next() < 3 * (half / 2) {
        _ = size.next()
        return allocate(slot, 100 + size.next(below: 100), variant: 2)
      }
      return allocate(slot, size.next() < half / 2 ? 8 : 24, variant: call.next() < half ? 0 : 1)
    }
    #expect(unmarked(stream.lanes[0].phases[0]) == expected)

    func random(_ attribute: RandomAttribute) -> Xoshiro256 { Xoshiro256(seed: 7, lane: 0, attribute: attribute) }
  }

  @Test func `a digest covers every lane, phase and drain, and all words decode to what was written`() throws {
    var both = phase(300, mix: [0])
    both.threads = 2
    let classes = [
      ObjectClass(
        name: "a", size: Distribution(.uniform(1, 100)), lifetime: .drawn(Distribution(.uniform(0, 20))), access: 0.75,
        write: 0.5, resize: Resize(share: 0.25), freedByOther: 0.5)
    ]
    var description = WorkloadDescription(name: "t", classes: classes, phases: [both])
    let stream = try naiveStream(description)
    let words = stream.words(lane: 1, phase: 0)
    var decoded: [Operation] = []
    var index = 0
    while index < words.count, let operation = Operation.decode(words, at: &index) { decoded.append(operation) }
    #expect(decoded == stream.lanes[1].phases[0])
    #expect(stream.digest == combinedDigest([stream.digest(lane: 0), stream.digest(lane: 1)]))
    #expect(stream.digest != combinedDigest([stream.digest(lane: 1), stream.digest(lane: 0)]))
    let counts = stream.counts
    #expect(counts.allocations == 600)
    #expect(counts.frees + counts.handOvers + stream.drainCounts.frees == 600)
    #expect(counts.accesses == 450)
    #expect(counts.total == stream.lanes.flatMap { $0.phases[0] }.count { isNominal($0) })
    description.seed = 2
    #expect(try naiveStream(description).digest != stream.digest)
  }
}

private func naive(_ classes: [ObjectClass], operations: UInt64) throws -> NaiveStream {
  try naiveStream(
    WorkloadDescription(name: "t", classes: classes, phases: [phase(operations, mix: Array(classes.indices))]))
}

private func phase(_ operations: UInt64, mix: [Int]) -> Phase {
  Phase(name: "p", operations: operations, threads: 1, mix: mix.map { ClassShare(classIndex: $0, weight: 1) })
}

private func allocate(_ slot: UInt64, _ size: UInt64, variant: Int = 0) -> Workload.Operation {
  .allocate(slot: slot, size: size, variant: variant)
}

private func resize(_ slot: UInt64, _ from: UInt64, _ to: UInt64) -> Workload.Operation {
  .resize(slot: slot, from: from, to: to, variant: 0)
}

/// Without the marks, which in short streams stand after every step.
private func unmarked(_ operations: [Workload.Operation]) -> [Workload.Operation] {
  operations.filter { if case .mark = $0 { false } else { true } }
}

private func isNominal(_ operation: Workload.Operation) -> Bool {
  switch operation {
  case .allocate, .free, .handOver, .resize, .access: true
  default: false
  }
}
