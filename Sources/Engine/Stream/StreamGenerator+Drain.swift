extension StreamGenerator {
  /// Writes what ``drain()`` would, and leaves the generator as it is: for those who replay the stream so far once more.
  func writeDrain(to other: inout StreamWriter) {
    var open = OpenScopes(plan, scopeStates)
    while let scope = open.next() { scopeStates[scope].writeEnd(of: scope, slots, to: &other) }
    let order = slots.liveInOrder()
    for index in 0..<order.count {
      let object = slots[order[index]]
      // Those of scopes have ended with them.
      if plan.classes[plan.variantClass[Int(object.variant)]].lifetime == .scope { continue }
      other.free(order[index], object.size)
    }
    order.free()
  }
}

extension StreamGenerator.ScopeState {
  /// Writes the scope's end and the frees that go with it, youngest first.
  func writeEnd(of scope: Int, _ slots: SlotTable, to writer: inout StreamWriter) {
    writer.scopeEnd(scope, count: count)
    var slot = youngest
    while slot != TimingWheel.none {
      writer.free(slot, slots[slot].size)
      slot = slots[slot].link
    }
  }
}

/// The scopes that are open, root by root, innermost first. The one that was given last may end before the next.
struct OpenScopes {
  private let plan: StreamPlan
  private let states: MappedArray<StreamGenerator.ScopeState>
  private var root = 0
  /// The scope to look at next, or −1 where the next root begins.
  private var scope = -1

  init(_ plan: StreamPlan, _ states: MappedArray<StreamGenerator.ScopeState>) {
    self.plan = plan
    self.states = states
  }

  mutating func next() -> Int? {
    while true {
      if scope < 0 {
        guard root < plan.roots.count else { return nil }
        scope = plan.innermost(plan.roots[root])
        root += 1
      }
      let visited = scope
      scope = plan.scopes[scope].outer
      if states[visited].isOpen { return visited }
    }
  }
}
