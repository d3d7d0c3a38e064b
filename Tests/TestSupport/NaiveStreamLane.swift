import Workload

/// One lane while its stream is written. The numbers in the comments are those of the list in the text.
struct NaiveLane {
  private struct Object {
    /// Its number among the lane's allocations, from 0.
    let number: UInt64
    let classIndex: Int
    let variant: Int
    let slot: UInt64
    var size: UInt64
    /// Nil if the end is unknown.
    let drawnLife: UInt64?
    let isResized: Bool
    let isMarked: Bool
  }

  private struct ScopeState {
    var isOpen = false
    var length: UInt64 = 0
    /// Allocations seen by an innermost scope, inner scopes seen by an outer one.
    var seen: UInt64 = 0
  }

  private let number: Int
  private let description: WorkloadDescription
  private let tables: NaiveTables
  private var random: [RandomAttribute: Xoshiro256] = [:]
  /// From the root to the innermost scope, roots in the order of the file.
  private let chains: [[Int]]
  private let markInterval: UInt64

  private var output: [Operation] = []
  /// Allocations so far.
  private var clock: UInt64 = 0
  /// In order of allocation.
  private var live: [Object] = []
  /// By class, numbers of live objects in the order in which visits are drawn from them.
  private var visitable: [[UInt64]]
  /// By class.
  private var debts: [Double]
  private var scopes: [ScopeState]
  private var freedSlots: [UInt64] = []
  private var slotCount: UInt64 = 0
  private var liveBytes: UInt64 = 0
  private var peakBytes: UInt64 = 0

  init(number: Int, description: WorkloadDescription, tables: NaiveTables) {
    self.number = number
    self.description = description
    self.tables = tables
    for attribute in RandomAttribute.allCases {
      random[attribute] = Xoshiro256(seed: description.seed, lane: number, attribute: attribute)
    }
    chains = description.scopes.indices.filter { description.scopes[$0].inside == nil }.map { root in
      var chain = [root]
      while let inner = description.scopes.firstIndex(where: { $0.inside == chain.last }) { chain.append(inner) }
      return chain
    }
    let allocations = description.phases.reduce(0 as UInt64) { sum, phase in
      number < phase.threads - phase.consumers ? sum + phase.operations : sum
    }
    markInterval = max(1, allocations / 256)
    visitable = description.classes.map { _ in [] }
    debts = description.classes.map { _ in 0 }
    scopes = description.scopes.map { _ in ScopeState() }
  }

  /// The lane's operations of one phase.
  mutating func play(phase index: Int) -> [Operation] {
    let phase = description.phases[index]
    output = []
    guard number < phase.threads - phase.consumers, phase.operations > 0 else { return [] }
    for allocation in 1...phase.operations {
      step(phase, mix: tables.mixes[index])
      // 12
      if let life = phase.threadLife, allocation % life == 0, allocation < phase.operations {
        output.append(.threadEnd)
      }
    }
    if phase.freesAtEnd { endAllScopes() }
    mark()
    return output
  }

  /// What is left to do when the last phase is over.
  mutating func drain() -> [Operation] {
    output = []
    endAllScopes()
    for object in live { free(object) }
    return output
  }

  private mutating func step(_ phase: Phase, mix: InverseTable) {
    let classIndex = phase.mix[Int(draw(mix, .objectClass))].classIndex
    let objects = description.classes[classIndex]
    // 1
    for object in live where isDead(object, classIndex, objects) { end(object, in: phase) }
    let ofClass = live.filter { $0.classIndex == classIndex }
    if case .lifo(let depth) = objects.lifetime, ofClass.count == depth {
      for object in ofClass.reversed() { end(object, in: phase) }
    }
    // 2
    for object in live {
      for age in resizeAges(of: object) where object.number + age + 1 == clock { resize(object.number) }
    }
    // 3
    for chain in chains { endScopesThatAreDue(chain) }
    // 4
    let someAreHandedOver = description.classes.contains { $0.freedByOther > 0 }
    if someAreHandedOver, phase.threads >= 2, phase.consumers == 0 { output.append(.mailbox) }
    // 5
    if phase.rate != nil { output.append(.due) }
    // 6
    for scope in chains.joined() where !scopes[scope].isOpen {
      scopes[scope] = ScopeState(isOpen: true, length: draw(tables.lengths[scope], .scopeLength))
      output.append(.scopeBegin(scope))
    }
    // 7
    let object = allocate(classIndex, objects)
    // 8
    if object.drawnLife == 0, object.isResized {
      for _ in 0..<(objects.resize?.times ?? 0) { resize(object.number) }
    }
    // 9
    visit(classIndex, objects)
    // 10
    if object.drawnLife == 0 { end(current(object.number), in: phase) }
    clock += 1
    // 11
    if clock % markInterval == 0 { mark() }
  }

  private mutating func mark() {
    output.append(.mark(live: liveBytes, peak: peakBytes))
    peakBytes = liveBytes
  }

  private func isDead(_ object: Object, _ classIndex: Int, _ objects: ObjectClass) -> Bool {
    if let life = object.drawnLife { return object.number + life + 1 == clock }
    guard case .fifo(let depth) = objects.lifetime, object.classIndex == classIndex else { return false }
    return live.count { $0.classIndex == classIndex && $0.number > object.number } + 1 == depth
  }

  /// The ages at which an object is resized after the step of its allocation.
  private func resizeAges(of object: Object) -> [UInt64] {
    guard object.isResized, let resize = description.classes[object.classIndex].resize else { return [] }
    let times = UInt64(resize.times)
    guard let life = object.drawnLife else { return Array(0..<times) }
    if life == 0 || times == 0 { return [] }
    return (1...times).map { (life * $0 + times) / (times + 1) }
  }

  private mutating func allocate(_ classIndex: Int, _ objects: ObjectClass) -> Object {
    let size = draw(tables.sizes[classIndex], .size)
    let drawnLife = tables.lifetimes[classIndex].map { draw($0, .lifetime) }
    let call = Int(draw(tables.calls[classIndex], .call))
    let object = Object(
      number: clock, classIndex: classIndex,
      variant: description.classes[..<classIndex].reduce(call) { $0 + $1.calls.count },
      slot: freedSlots.popLast() ?? slotCount, size: size, drawnLife: drawnLife,
      isResized: hit(objects.resize?.share ?? 0, .resize), isMarked: hit(objects.freedByOther, .freedBy))
    slotCount = max(slotCount, object.slot + 1)
    live.append(object)
    visitable[classIndex].append(object.number)
    output.append(.allocate(slot: object.slot, size: object.size, variant: object.variant))
    liveBytes += object.size
    peakBytes = max(peakBytes, liveBytes)
    for chain in chains { scopes[chain[chain.count - 1]].seen += 1 }
    return object
  }

  private mutating func resize(_ number: UInt64) {
    guard let index = live.firstIndex(where: { $0.number == number }),
      let resize = description.classes[live[index].classIndex].resize
    else { return }
    let old = live[index].size
    let new = UInt64(min(max(1, (Double(old) * resize.factor).rounded(.down)), 0x1p47))
    live[index].size = new
    output.append(.resize(slot: live[index].slot, from: old, to: new, variant: live[index].variant))
    liveBytes = liveBytes - old + new
    peakBytes = max(peakBytes, liveBytes)
  }

  private mutating func visit(_ classIndex: Int, _ objects: ObjectClass) {
    debts[classIndex] += objects.access
    let visits = debts[classIndex].rounded(.down)
    debts[classIndex] -= visits
    for _ in 0..<Int(visits) {
      let candidates = visitable[classIndex]
      let object = current(candidates[Int(random[.accessTarget]!.next(below: UInt64(candidates.count)))])
      let isWrite = hit(objects.write, .accessWrite)
      output.append(.access(slot: object.slot, bytes: Int(min(8, object.size)), isWrite: isWrite))
    }
  }

  private mutating func endScopesThatAreDue(_ chain: [Int]) {
    var innerEnded = false
    for (depth, scope) in chain.enumerated().reversed() where scopes[scope].isOpen {
      if innerEnded { scopes[scope].seen += 1 }
      let isInnermost = depth == chain.count - 1
      guard isInnermost || innerEnded, scopes[scope].seen == scopes[scope].length else { return }
      endScope(scope)
      innerEnded = true
    }
  }

  private mutating func endAllScopes() {
    for chain in chains {
      for scope in chain.reversed() where scopes[scope].isOpen { endScope(scope) }
    }
  }

  private mutating func endScope(_ scope: Int) {
    let own = live.filter { description.classes[$0.classIndex].lifetime == .scope(scope) }
    output.append(.scopeEnd(scope, count: own.count))
    for object in own.reversed() { free(object) }
    scopes[scope].isOpen = false
  }

  /// An object's life ends in a step: its lane frees it, or hands it to the one that does.
  private mutating func end(_ object: Object, in phase: Phase) {
    guard object.isMarked, phase.threads >= 2 else { return free(object) }
    let producers = phase.threads - phase.consumers
    let receiver = phase.consumers > 0 ? producers + number % phase.consumers : (number + 1) % phase.threads
    remove(object)
    output.append(.handOver(slot: object.slot, size: object.size, lane: receiver))
  }

  private mutating func free(_ object: Object) {
    remove(object)
    output.append(.free(slot: object.slot))
  }

  private mutating func remove(_ object: Object) {
    live.removeAll { $0.number == object.number }
    var list = visitable[object.classIndex]
    let last = list.removeLast()
    if let place = list.firstIndex(of: object.number) { list[place] = last }
    visitable[object.classIndex] = list
    freedSlots.append(object.slot)
    liveBytes -= object.size
  }

  private func current(_ number: UInt64) -> Object { live.first { $0.number == number }! }

  private mutating func draw(_ table: InverseTable, _ attribute: RandomAttribute) -> UInt64 {
    table.draw(&random[attribute]!)
  }

  private mutating func hit(_ share: Double, _ attribute: RandomAttribute) -> Bool {
    Chance(share).hit(&random[attribute]!)
  }
}
