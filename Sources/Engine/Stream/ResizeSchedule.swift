/// The resizes that lie ahead of a lane's objects, by the step they are due.
struct ResizeSchedule {
  struct Entry: BitwiseCopyable {
    var birth: UInt64
    /// Drawn lifetime, or `unknownEnd`.
    var life: UInt64
    var slot: UInt32
    /// Resizes done.
    var done: UInt32
  }

  static let unknownEnd = UInt64.max

  private var wheel = TimingWheel()
  private var entries = MappedArray<Entry>(capacity: 256)
  private var freed = MappedArray<UInt32>(capacity: 256)
  /// Entries due in the present step, in order of allocation.
  private(set) var due = MappedArray<UInt32>(capacity: 256)

  /// The age of the `k`-th resize, k from 1.
  private static func age(_ k: UInt64, of times: UInt64, life: UInt64) -> UInt64 {
    if life == unknownEnd { return k &- 1 }
    let product = life.multipliedFullWidth(by: k)
    let (quotient, remainder) = (times &+ 1).dividingFullWidth(product)
    return remainder == 0 ? quotient : quotient &+ 1
  }

  @inline(__always)
  func entry(_ id: UInt32) -> Entry { entries[Int(id)] }

  mutating func add(slot: UInt32, birth: UInt64, life: UInt64, times: UInt64) {
    let entry = Entry(birth: birth, life: life, slot: slot, done: 0)
    let id: UInt32
    if freed.count > 0 {
      freed.count &-= 1
      id = freed[freed.count]
      entries[Int(id)] = entry
    } else {
      entries.append(entry)
      id = UInt32(truncatingIfNeeded: entries.count &- 1)
    }
    schedule(id, times: times)
  }

  private mutating func schedule(_ id: UInt32, times: UInt64) {
    let entry = entries[Int(id)]
    let age = Self.age(UInt64(entry.done) &+ 1, of: times, life: entry.life)
    wheel.insert(id, due: entry.birth &+ age &+ 1)
  }

  /// Moves to the next step and fills `due`.
  @inline(__always)
  mutating func advance() {
    due.count = 0
    var id = wheel.advance()
    while id != TimingWheel.none {
      let next = wheel.next(id)
      insertInOrder(id)
      id = next
    }
  }

  private mutating func insertInOrder(_ id: UInt32) {
    due.append(id)
    var place = due.count &- 1
    while place > 0, entries[Int(due[place &- 1])].birth > entries[Int(id)].birth {
      due[place] = due[place &- 1]
      place &-= 1
    }
    due[place] = id
  }

  /// After one resize of a due entry: whether another one of it is due in this very step; else it is scheduled or done.
  mutating func advance(_ id: UInt32, times: UInt64) -> Bool {
    entries.base[Int(id)].done &+= 1
    let entry = entries[Int(id)]
    if UInt64(entry.done) >= times {
      discard(id)
      return false
    }
    let age = Self.age(UInt64(entry.done) &+ 1, of: times, life: entry.life)
    if entry.birth &+ age &+ 1 == wheel.now { return true }
    schedule(id, times: times)
    return false
  }

  /// Forgets an entry whose object is gone.
  mutating func discard(_ id: UInt32) { freed.append(id) }

  mutating func clear() {
    wheel.clear()
    entries.count = 0
    freed.count = 0
    due.count = 0
  }

  func free() {
    wheel.free()
    entries.free()
    freed.free()
    due.free()
  }
}
