import Testing
import Workload

@testable import Engine

@Suite struct LiveObjectsTests {
  private func object(_ birth: UInt64) -> LiveObject {
    LiveObject(birth: birth, size: 8, position: 0, link: 0, variant: 0, isHandedOver: false)
  }

  @Test func `the slot freed last is handed out first and numbers stay dense`() {
    var table = SlotTable()
    defer { table.free() }
    #expect((0..<4).map { table.take(object($0)) } == [0, 1, 2, 3])
    table.giveBack(1)
    table.giveBack(3)
    #expect((4..<7).map { table.take(object($0)) } == [3, 1, 4])
    #expect(table.highest == 5)
  }

  @Test func `live slots come in order of allocation whatever their numbers`() {
    var table = SlotTable()
    defer { table.free() }
    var random = Xoshiro256(seed: 3, lane: 0, attribute: .size)
    var births: [UInt32: UInt64] = [:]
    for birth in 0..<30_000 as Range<UInt64> {
      // Births of more than one radix digit, with gaps.
      births[table.take(object(birth * 977))] = birth * 977
      if random.next(below: 3) == 0, let victim = births.keys.randomElementByHand(&random) {
        births[victim] = nil
        table.giveBack(victim)
      }
    }
    let order = table.liveInOrder()
    defer { order.free() }
    let slots = (0..<order.count).map { order[$0] }
    #expect(slots == births.sorted { $0.value < $1.value }.map(\.key))
  }
}

extension Dictionary<UInt32, UInt64>.Keys {
  /// Some key: which one does not matter.
  fileprivate func randomElementByHand(_ random: inout Xoshiro256) -> UInt32? {
    isEmpty ? nil : self[index(startIndex, offsetBy: Int(random.next(below: UInt64(Swift.min(count, 50)))))]
  }
}
