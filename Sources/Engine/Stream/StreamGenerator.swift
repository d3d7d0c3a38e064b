import CPlatform
import Workload

/// Writes one lane's stream, step by step, as `workloads/README.md` defines it ("The stream, exactly").
///
/// Works in mapped memory alone, in proportion to live objects: some 60 bytes each.
/// - Complexity: O(1) amortised an operation.
struct StreamGenerator {
  let plan: StreamPlan
  let lane: Int
  private let markInterval: UInt64
  var writer: StreamWriter
  var slots = SlotTable()
  private var deaths = TimingWheel()
  private var resizes = ResizeSchedule()
  private var random: RandomSet
  private let classStates: MappedArray<ClassState>
  let scopeStates: MappedArray<ScopeState>
  /// Number of the next allocation.
  private(set) var step: UInt64 = 0
  /// Nominal operations before the drain; known when that has been written.
  private(set) var operationsOfPhases: UInt64 = 0
  /// Allocations done in the phase at hand.
  private var phaseStep: UInt64 = 0

  /// One generator for each attribute.
  struct RandomSet {
    var objectClass, size, lifetime, call, resize, freedBy, accessTarget, accessWrite, scopeLength: Xoshiro256

    init(seed: UInt64, lane: Int) {
      func make(_ attribute: RandomAttribute) -> Xoshiro256 { Xoshiro256(seed: seed, lane: lane, attribute: attribute) }
      objectClass = make(.objectClass)
      size = make(.size)
      lifetime = make(.lifetime)
      call = make(.call)
      resize = make(.resize)
      freedBy = make(.freedBy)
      accessTarget = make(.accessTarget)
      accessWrite = make(.accessWrite)
      scopeLength = make(.scopeLength)
    }
  }

  /// A lane's state of one class: its fifo or lifo as a list through `LiveObject.link`, its objects to visit.
  private struct ClassState: BitwiseCopyable {
    var first = TimingWheel.none
    var last = TimingWheel.none
    var count: UInt64 = 0
    var accessDebt = 0.0
    var visited: MappedArray<UInt32>
  }

  /// A lane's open instance of a scope: objects as a stack through `LiveObject.link`.
  struct ScopeState: BitwiseCopyable {
    var isOpen = false
    var length: UInt64 = 0
    /// Allocations of the lane, or instances of the scope inside, since it was opened.
    var seen: UInt64 = 0
    var youngest = TimingWheel.none
    var count = 0
  }

  /// - Parameter capacityWords: the buffer's first size.
  init(plan: StreamPlan, lane: Int, capacityWords: Int) {
    self.plan = plan
    self.lane = lane
    markInterval = plan.markInterval(of: lane)
    writer = StreamWriter(capacityWords: capacityWords)
    random = RandomSet(seed: plan.seed, lane: lane)
    var classStates = MappedArray<ClassState>(capacity: plan.classes.count)
    for _ in 0..<plan.classes.count { classStates.append(ClassState(visited: MappedArray(capacity: 1))) }
    self.classStates = classStates
    var scopeStates = MappedArray<ScopeState>(capacity: plan.scopes.count)
    for _ in 0..<plan.scopes.count { scopeStates.append(ScopeState()) }
    self.scopeStates = scopeStates
  }

  /// Back to the state before the first step.
  mutating func reset() {
    writer.reset()
    slots.clear()
    deaths.clear()
    resizes.clear()
    random = RandomSet(seed: plan.seed, lane: lane)
    step = 0
    phaseStep = 0
    for index in 0..<classStates.count {
      var visited = classStates[index].visited
      visited.count = 0
      classStates[index] = ClassState(visited: visited)
    }
    for index in 0..<scopeStates.count { scopeStates[index] = ScopeState() }
  }

  /// Writes steps of a phase until it is complete or the buffer holds `limit` words or a few more.
  ///
  /// - Returns: whether the phase is complete; the next call then belongs to the next phase.
  mutating func generate(phase index: Int, limit: Int) -> Bool {
    let phase = plan.phases[index]
    guard lane < phase.producers else { return true }
    while phaseStep < phase.operations {
      if writer.words.count >= limit { return false }
      takeStep(phase)
    }
    if phase.freesAtEnd { endAllScopes() }
    writer.mark()
    phaseStep = 0
    return true
  }

  /// Writes the drain: open scopes, then all that is left in order of allocation. Nothing can be generated after it.
  mutating func drain() {
    operationsOfPhases = writer.operations
    var own = writer
    writeDrain(to: &own)
    writer = own
    slots.clear()
  }

  // MARK: One step

  @inline(__always)
  private mutating func takeStep(_ phase: StreamPlan.PhasePlan) {
    let classIndex = phase.classes[Int(truncatingIfNeeded: phase.mix.draw(&random.objectClass))]
    let objects = plan.classes.base + classIndex

    if step > 0 { takeDeaths(phase, classIndex, objects) }
    if plan.hasResizes, step > 0 { takeResizes() }
    if plan.roots.count > 0 { endFullScopes() }
    if phase.lanesReceive { writer.bare(.mailbox) }
    if phase.interval > 0 { writer.bare(.due) }
    if plan.roots.count > 0 { openScopes() }

    let slot = takeAllocation(classIndex, objects)
    if objects.pointee.access > 0 { takeAccesses(classIndex, objects, slot) }
    let isOver = objects.pointee.lifetime == .drawn && slots[slot].link == Self.immediate
    if isOver { end(slot, phase) }

    step &+= 1
    phaseStep &+= 1
    if step % markInterval == 0 { writer.mark() }
    if phase.threadLife > 0, phaseStep % phase.threadLife == 0, phaseStep < phase.operations {
      writer.bare(.threadEnd)
    }
  }

  /// `LiveObject.link` of an object whose life is drawn as 0.
  private static let immediate = TimingWheel.none &- 1

  @inline(__always)
  private mutating func takeAllocation(
    _ classIndex: Int, _ objects: UnsafeMutablePointer<StreamPlan.ClassPlan>
  ) -> UInt32 {
    let size = objects.pointee.size.draw(&random.size)
    let life = objects.pointee.lifetime == .drawn ? objects.pointee.life.draw(&random.lifetime) : 0
    let variant = objects.pointee.firstVariant &+ Int(truncatingIfNeeded: objects.pointee.call.draw(&random.call))
    let isResized = objects.pointee.isResized.hit(&random.resize)
    let isFreedByOther = objects.pointee.isFreedByOther.hit(&random.freedBy)
    let slot = slots.take(
      LiveObject(
        birth: step, size: size, position: 0, link: TimingWheel.none, variant: UInt16(truncatingIfNeeded: variant),
        isHandedOver: isFreedByOther))
    writer.allocate(slot, size, variant, isPlain: plan.variantIsPlain[variant])

    switch objects.pointee.lifetime {
    case .drawn:
      if life > 0 {
        deaths.insert(slot, due: step &+ life &+ 1)
      } else {
        slots.pointer(slot).pointee.link = Self.immediate
      }
    case .fifo, .lifo: enqueue(slot, classIndex, isFifo: objects.pointee.lifetime == .fifo)
    case .scope:
      let scope = scopeStates.base + objects.pointee.scope
      slots.pointer(slot).pointee.link = scope.pointee.youngest
      scope.pointee.youngest = slot
      scope.pointee.count &+= 1
    case .forever: break
    }
    if objects.pointee.access > 0 {
      let state = classStates.base + classIndex
      slots.pointer(slot).pointee.position = UInt32(truncatingIfNeeded: state.pointee.visited.count)
      state.pointee.visited.append(slot)
    }
    if isResized { plan(slot, objects, life) }
    return slot
  }

  @inline(never)
  private mutating func plan(
    _ slot: UInt32, _ objects: UnsafeMutablePointer<StreamPlan.ClassPlan>, _ life: UInt64
  ) {
    let times = objects.pointee.resizeTimes
    if objects.pointee.lifetime == .drawn, life == 0 {
      for _ in 0..<times { resize(slot, objects) }
    } else if times > 0 {
      let known = objects.pointee.lifetime == .drawn ? life : ResizeSchedule.unknownEnd
      resizes.add(slot: slot, birth: step, life: known, times: times)
    }
  }

  private mutating func resize(_ slot: UInt32, _ objects: UnsafeMutablePointer<StreamPlan.ClassPlan>) {
    let object = slots.pointer(slot)
    let old = object.pointee.size
    let scaled = (Double(old) * objects.pointee.resizeFactor).rounded(.down)
    let new = scaled < 0x1p47 ? max(1, UInt64(scaled)) : 1 << 47
    object.pointee.size = new
    writer.resize(slot, from: old, to: new, Int(object.pointee.variant))
  }

  @inline(never)
  private mutating func takeResizes() {
    resizes.advance()
    for index in 0..<resizes.due.count {
      let id = resizes.due[index]
      let entry = resizes.entry(id)
      guard slots[entry.slot].birth == entry.birth else {
        resizes.discard(id)
        continue
      }
      let objects = plan.classes.base + plan.variantClass[Int(slots[entry.slot].variant)]
      repeat { resize(entry.slot, objects) } while resizes.advance(id, times: objects.pointee.resizeTimes)
    }
  }

  private mutating func takeAccesses(
    _ classIndex: Int, _ objects: UnsafeMutablePointer<StreamPlan.ClassPlan>, _ slot: UInt32
  ) {
    let state = classStates.base + classIndex
    state.pointee.accessDebt += objects.pointee.access
    let visits = state.pointee.accessDebt.rounded(.down)
    state.pointee.accessDebt -= visits
    for _ in 0..<Int(visits) {
      let index = random.accessTarget.next(below: UInt64(state.pointee.visited.count))
      let target = state.pointee.visited[Int(truncatingIfNeeded: index)]
      let isWrite = objects.pointee.isWrite.hit(&random.accessWrite)
      writer.access(target, slots[target].size, isWrite: isWrite)
    }
  }

  // MARK: Ends of objects

  /// Frees or hands over an object that is in no list but its class's list of visits.
  @inline(__always)
  private mutating func end(_ slot: UInt32, _ phase: StreamPlan.PhasePlan) {
    let object = slots[slot]
    leaveVisited(object)
    if object.isHandedOver, let receiver = phase.receiver(of: lane) {
      writer.handOver(slot, object.size, to: receiver)
    } else {
      writer.free(slot, object.size)
    }
    slots.giveBack(slot)
  }

  @inline(__always)
  private func leaveVisited(_ object: LiveObject) {
    let classIndex = plan.variantClass[Int(object.variant)]
    if plan.classes[classIndex].access == 0 { return }
    let state = classStates.base + classIndex
    state.pointee.visited.count &-= 1
    let moved = state.pointee.visited[state.pointee.visited.count]
    state.pointee.visited[Int(object.position)] = moved
    slots.pointer(moved).pointee.position = object.position
  }

  @inline(__always)
  private mutating func takeDeaths(
    _ phase: StreamPlan.PhasePlan, _ classIndex: Int, _ objects: UnsafeMutablePointer<StreamPlan.ClassPlan>
  ) {
    var displaced = TimingWheel.none
    if objects.pointee.lifetime == .fifo, classStates[classIndex].count == objects.pointee.depth {
      displaced = dequeue(classIndex)
    }
    var slot = deaths.advance()
    let upcoming = deaths.upcoming
    if upcoming != TimingWheel.none { pb_prefetch(slots.pointer(upcoming)) }
    while slot != TimingWheel.none {
      let next = deaths.next(slot)
      if displaced != TimingWheel.none, slots[displaced].birth < slots[slot].birth {
        end(displaced, phase)
        displaced = TimingWheel.none
      }
      end(slot, phase)
      slot = next
    }
    if displaced != TimingWheel.none { end(displaced, phase) }
    if objects.pointee.lifetime == .lifo, classStates[classIndex].count == objects.pointee.depth {
      while classStates[classIndex].count > 0 { end(dequeue(classIndex), phase) }
    }
  }

  /// Adds to a fifo's tail or a lifo's head.
  private mutating func enqueue(_ slot: UInt32, _ classIndex: Int, isFifo: Bool) {
    let state = classStates.base + classIndex
    if state.pointee.count == 0 {
      state.pointee.first = slot
      state.pointee.last = slot
    } else if isFifo {
      slots.pointer(state.pointee.last).pointee.link = slot
      state.pointee.last = slot
    } else {
      slots.pointer(slot).pointee.link = state.pointee.first
      state.pointee.first = slot
    }
    state.pointee.count &+= 1
  }

  private mutating func dequeue(_ classIndex: Int) -> UInt32 {
    let state = classStates.base + classIndex
    let slot = state.pointee.first
    state.pointee.first = slots[slot].link
    state.pointee.count &-= 1
    return slot
  }

  // MARK: Scopes

  private mutating func openScopes() {
    for index in 0..<plan.roots.count {
      var scope = plan.roots[index]
      while scope >= 0 {
        let state = scopeStates.base + scope
        if !state.pointee.isOpen {
          state.pointee = ScopeState(isOpen: true, length: plan.scopes[scope].length.draw(&random.scopeLength))
          writer.scopeBegin(scope)
        }
        let inner = plan.scopes[scope].inner
        if inner < 0 { state.pointee.seen &+= 1 }
        scope = inner
      }
    }
  }

  private mutating func endFullScopes() {
    for index in 0..<plan.roots.count {
      var scope = plan.innermost(plan.roots[index])
      while scope >= 0, scopeStates[scope].isOpen, scopeStates[scope].seen >= scopeStates[scope].length {
        endScope(scope)
        scope = plan.scopes[scope].outer
        if scope >= 0 { scopeStates.base[scope].seen &+= 1 }
      }
    }
  }

  private mutating func endAllScopes() {
    var open = OpenScopes(plan, scopeStates)
    while let scope = open.next() { endScope(scope) }
  }

  private mutating func endScope(_ scope: Int) {
    let state = scopeStates.base + scope
    state.pointee.writeEnd(of: scope, slots, to: &writer)
    var slot = state.pointee.youngest
    while slot != TimingWheel.none {
      let object = slots[slot]
      leaveVisited(object)
      slots.giveBack(slot)
      slot = object.link
    }
    state.pointee = ScopeState()
  }

  func free() {
    writer.words.free()
    slots.free()
    deaths.free()
    resizes.free()
    for index in 0..<classStates.count { classStates[index].visited.free() }
    classStates.free()
    scopeStates.free()
  }
}
