import CPlatform
import Synchronization
import Workload

/// The memory pass: resident memory and live bytes at the stream's marks, and what the subject really set aside.
struct MemoryRecorder: Recorder {
  static var needsSizes: Bool { true }
  static var seesObjects: Bool { true }
  static var samplesMemory: Bool { true }

  private let track: MemoryTrack
  private let lane: Int
  /// Usable bytes of this lane's live objects.
  private var usable = 0

  init(track: MemoryTrack, lane: Int) {
    self.track = track
    self.lane = lane
  }

  @inline(__always)
  mutating func didAllocate(
    _ pointer: UnsafeMutableRawPointer, _ size: Int, alignment: Int, isZeroed: Bool, _ lane: inout some PoolLane
  ) { usable &+= lane.usableSize(pointer, size) }

  @inline(__always)
  mutating func willFree(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane) {
    usable &-= lane.usableSize(pointer, size)
  }

  @inline(__always)
  mutating func willHandOver(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane) {
    usable &-= lane.usableSize(pointer, size)
  }

  @inline(__always)
  mutating func willResize(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout some PoolLane) {
    usable &-= lane.usableSize(pointer, size)
  }

  @inline(__always)
  mutating func didResize(
    _ pointer: UnsafeMutableRawPointer, from old: Int, to new: Int, _ lane: inout some PoolLane
  ) { usable &+= lane.usableSize(pointer, new) }

  @inline(never)
  mutating func mark(live: UInt64, peak: UInt64, _ mailboxes: Mailboxes) {
    track.publish(
      lane, live: Int(clamping: live), peak: Int(clamping: peak), usable: usable,
      inFlight: mailboxes.bytesInFlight(from: lane))
    track.sampleInTurn()
  }
}

/// What the lanes' memory recorders share: each lane's figures on its own cache line, and the samples.
struct MemoryTrack {
  struct Sample: BitwiseCopyable {
    var resident: Int
    var live: Int
  }

  /// Largest and mean figures so far, written by the lane that samples.
  struct Summary: BitwiseCopyable {
    var baseline = 0
    var absoluteBaseline = 0
    var peakResident = 0
    var absolutePeak = 0
    var residentSum = 0.0
    var peakLive = 0
    /// Address space, mapped by whomever.
    var baselineSpace = 0
    var peakSpace = 0
    /// Usable less requested bytes at the sample with most live bytes.
    var waste = 0
    var mostLive = -1
  }

  private static let lineWords = 16
  // Words of a lane's line.
  private static let live = 0
  private static let peak = 1
  private static let usable = 2
  private static let inFlight = 3
  /// The number of samples when the peak was published, counted from 1.
  private static let peakTime = 4
  private let lines: MappedArray<Int>
  private let lanes: Int
  private let store: UnsafeMutablePointer<MappedArray<Sample>>
  let summary: UnsafeMutablePointer<Summary>

  init(lanes: Int) {
    self.lanes = lanes
    lines = MappedArray(capacity: (lanes + 1) * Self.lineWords)
    lines[lanes * Self.lineWords] = 1
    let page = HarnessMemory.map(1)
    store = page.bindMemory(to: MappedArray<Sample>.self, capacity: 1)
    store.initialize(to: MappedArray(capacity: 1024))
    summary = (page + 256).bindMemory(to: Summary.self, capacity: 1)
    summary.initialize(to: Summary())
  }

  var samples: MappedArray<Sample> { store.pointee }

  /// One more than the samples taken: on a line of its own behind the lanes'.
  private var sampleClock: UnsafeMutablePointer<Int> { word(lanes, 0) }

  /// Marks that lanes have come to, and whether one of them samples at the moment.
  private var markCount: UnsafeMutablePointer<Int> { word(lanes, 1) }
  private var isSampling: UnsafeMutablePointer<Int> { word(lanes, 2) }

  private func word(_ lane: Int, _ index: Int) -> UnsafeMutablePointer<Int> {
    lines.base + (lane * Self.lineWords + index)
  }

  /// Says how a lane stands: called by its own thread.
  ///
  /// - Parameters:
  ///   - peak: the most bytes alive since the lane published last.
  ///   - inFlight: bytes handed over that nobody has freed yet; not among the others.
  func publish(_ lane: Int, live: Int, peak: Int, usable: Int, inFlight: Int = 0) {
    // A peak holds until a sample has seen it; the lane's clock of samples tells whether one has.
    let now = pb_load_relaxed(sampleClock)
    let isSeen = pb_load_relaxed(word(lane, Self.peakTime)) != now
    pb_store_relaxed(word(lane, Self.peak), isSeen ? peak : max(peak, pb_load_relaxed(word(lane, Self.peak))))
    pb_store_relaxed(word(lane, Self.peakTime), now)
    pb_store_relaxed(word(lane, Self.live), live)
    pb_store_relaxed(word(lane, Self.usable), usable)
    pb_store_relaxed(word(lane, Self.inFlight), inFlight)
  }

  /// Resident memory that is not the harness's own, anonymous and shared pages; that of the whole process; and the
  /// process's address space, in bytes.
  static func resident() -> (subject: Int, absolute: Int, space: Int) {
    let memory = pb_process_memory()
    let own = HarnessMemory.mappedBytes.load(ordering: .relaxed)
    let data = Int(memory.anonymous + memory.shared)
    return (max(0, data - own), data + Int(memory.file), Int(memory.space))
  }

  /// Remembers what stands before the subject's first call.
  func takeBaseline() {
    let now = Self.resident()
    summary.pointee.baseline = now.subject
    summary.pointee.absoluteBaseline = now.absolute
    summary.pointee.baselineSpace = now.space
    summary.pointee.peakSpace = now.space
  }

  /// As `sample`, while lanes are parked and nothing is in flight any more.
  func sampleParked() {
    for lane in 0..<lanes { pb_store_relaxed(word(lane, Self.inFlight), 0) }
    sample()
  }

  /// A lane is at a mark: samples when as many marks as there are lanes have passed, whoever came to them. A scheduler
  /// that lets one lane run far ahead of the others so gets no say in what is seen.
  func sampleInTurn() {
    guard (pb_fetch_add(markCount, 1) + 1) % lanes == 0, pb_try_hold(isSampling) else { return }
    sample()
    pb_let_go(isSampling)
  }

  /// Adds a sample of resident and live memory. One thread at a time.
  func sample() {
    let now = Self.resident()
    var live = 0
    var peak = 0
    var usable = 0
    let time = pb_load_relaxed(sampleClock)
    for lane in 0..<lanes {
      let inFlight = pb_load_relaxed(word(lane, Self.inFlight))
      let own = pb_load_relaxed(word(lane, Self.live)) &+ inFlight
      let isNew = pb_load_relaxed(word(lane, Self.peakTime)) == time
      live &+= own
      peak &+= isNew ? max(own, pb_load_relaxed(word(lane, Self.peak)) &+ inFlight) : own
      usable &+= pb_load_relaxed(word(lane, Self.usable)) &+ inFlight
    }
    pb_store_relaxed(sampleClock, time &+ 1)
    store.pointee.append(Sample(resident: now.subject, live: live))
    summary.pointee.peakResident = max(summary.pointee.peakResident, now.subject)
    summary.pointee.absolutePeak = max(summary.pointee.absolutePeak, now.absolute)
    summary.pointee.peakSpace = max(summary.pointee.peakSpace, now.space)
    summary.pointee.residentSum += Double(now.subject)
    summary.pointee.peakLive = max(summary.pointee.peakLive, peak)
    if live > summary.pointee.mostLive {
      summary.pointee.mostLive = live
      summary.pointee.waste = usable &- live
    }
  }

  func describe(into record: inout RunRecord) {
    let figures = summary.pointee
    record.add(.baselineResident, figures.baseline)
    record.add(.absoluteBaseline, figures.absoluteBaseline)
    record.add(.peakResident, figures.peakResident)
    record.add(.absolutePeak, figures.absolutePeak)
    record.add(.meanResident, Int(figures.residentSum / Double(max(samples.count, 1))))
    record.add(.peakLive, figures.peakLive)
    record.add(.waste, figures.waste)
    record.add(.addressSpace, figures.peakSpace - figures.baselineSpace)
    for index in 0..<samples.count { record.add(.sample, "\(samples[index].resident) \(samples[index].live)") }
  }
}
