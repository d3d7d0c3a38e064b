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
  mutating func mark(live: UInt64, peak: UInt64) {
    track.publish(lane, live: Int(live), peak: Int(peak), usable: usable)
    if lane == 0 { track.sample() }
  }
}

/// What the lanes' memory recorders share: each lane's figures on its own cache line, and lane 0's samples.
struct MemoryTrack {
  struct Sample: BitwiseCopyable {
    var resident: Int
    var live: Int
  }

  /// Largest and mean figures so far, written by the sampling lane alone.
  struct Summary: BitwiseCopyable {
    var baseline = 0
    var absoluteBaseline = 0
    var peakResident = 0
    var absolutePeak = 0
    var residentSum = 0.0
    var peakLive = 0
    /// Usable less requested bytes at the sample with most live bytes.
    var waste = 0
    var mostLive = -1
  }

  private static let lineWords = 16
  private let lines: MappedArray<Int>
  private let lanes: Int
  private let store: UnsafeMutablePointer<MappedArray<Sample>>
  let summary: UnsafeMutablePointer<Summary>

  init(lanes: Int) {
    self.lanes = lanes
    lines = MappedArray(capacity: lanes * Self.lineWords)
    let page = HarnessMemory.map(1)
    store = page.bindMemory(to: MappedArray<Sample>.self, capacity: 1)
    store.initialize(to: MappedArray(capacity: 1024))
    summary = (page + 256).bindMemory(to: Summary.self, capacity: 1)
    summary.initialize(to: Summary())
  }

  var samples: MappedArray<Sample> { store.pointee }

  private func word(_ lane: Int, _ index: Int) -> UnsafeMutablePointer<Int> {
    lines.base + (lane * Self.lineWords + index)
  }

  func publish(_ lane: Int, live: Int, peak: Int, usable: Int) {
    pb_store_relaxed(word(lane, 0), live)
    pb_store_relaxed(word(lane, 1), peak)
    pb_store_relaxed(word(lane, 2), usable)
  }

  /// Resident memory that is not the harness's own: anonymous and shared pages, in bytes.
  static func resident() -> (subject: Int, absolute: Int) {
    let memory = pb_process_memory()
    let own = HarnessMemory.mappedBytes.load(ordering: .relaxed)
    let data = Int(memory.anonymous + memory.shared)
    return (max(0, data - own), data + Int(memory.file))
  }

  /// Remembers what stands before the subject's first call.
  func takeBaseline() {
    let now = Self.resident()
    summary.pointee.baseline = now.subject
    summary.pointee.absoluteBaseline = now.absolute
  }

  /// Adds a sample of resident and live memory.
  func sample() {
    let now = Self.resident()
    var live = 0
    var peak = 0
    var usable = 0
    for lane in 0..<lanes {
      live += pb_load_relaxed(word(lane, 0))
      peak += pb_load_relaxed(word(lane, 1))
      usable += pb_load_relaxed(word(lane, 2))
    }
    store.pointee.append(Sample(resident: now.subject, live: live))
    summary.pointee.peakResident = max(summary.pointee.peakResident, now.subject)
    summary.pointee.absolutePeak = max(summary.pointee.absolutePeak, now.absolute)
    summary.pointee.residentSum += Double(now.subject)
    summary.pointee.peakLive = max(summary.pointee.peakLive, peak)
    if live > summary.pointee.mostLive {
      summary.pointee.mostLive = live
      summary.pointee.waste = usable - live
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
    for index in 0..<samples.count { record.add(.sample, "\(samples[index].resident) \(samples[index].live)") }
  }
}
