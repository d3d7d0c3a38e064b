extension StreamGenerator {
  /// Writes what ``drain()`` would, and leaves the generator as it is: for those who replay the stream so far once more.
  func writeDrain(to other: inout StreamWriter) {
    for index in 0..<plan.roots.count {
      var scope = innermost(plan.roots[index])
      while scope >= 0 {
        if scopeStates[scope].isOpen { writeEnd(of: scope, to: &other) }
        scope = plan.scopes[scope].outer
      }
    }
    let order = slots.liveInOrder()
    for index in 0..<order.count {
      let object = slots[order[index]]
      // Those of scopes have ended with them.
      if plan.classes[plan.variantClass[Int(object.variant)]].lifetime == .scope { continue }
      other.free(order[index], object.size)
    }
    order.free()
  }

  private func writeEnd(of scope: Int, to other: inout StreamWriter) {
    other.scopeEnd(scope, count: scopeStates[scope].count)
    var slot = scopeStates[scope].youngest
    while slot != TimingWheel.none {
      other.free(slot, slots[slot].size)
      slot = slots[slot].link
    }
  }
}
