import Testing
import Workload

@testable import Engine

/// What samples make of the figures that lanes publish.
@Suite struct MemoryTrackTests {
  @Test func `the peak of a lane that is parked counts once`() {
    let track = MemoryTrack(lanes: 2)
    track.publish(1, live: 0, peak: 5_000, usable: 0)
    track.sample()
    #expect(track.summary.pointee.peakLive == 5_000)
    track.publish(0, live: 1_000, peak: 3_000, usable: 1_000)
    track.sample()
    track.publish(0, live: 1_000, peak: 7_000, usable: 1_000)
    track.sample()
    #expect(track.summary.pointee.peakLive == 7_000)
  }

  @Test func `a peak between two samples is not lost when the lane has published another since`() {
    let track = MemoryTrack(lanes: 2)
    track.publish(1, live: 100, peak: 9_000, usable: 100)
    track.publish(1, live: 200, peak: 300, usable: 200)
    track.sample()
    #expect(track.summary.pointee.peakLive == 9_000)
    #expect(track.samples[0].live == 200)
  }

  @Test func `lanes sample in turn, once in as many marks as there are lanes`() {
    let track = MemoryTrack(lanes: 3)
    for _ in 0..<9 { track.sampleInTurn() }
    #expect(track.samples.count == 3)
  }

  @Test func `what a lane publishes no more stays alive`() {
    let track = MemoryTrack(lanes: 2)
    track.publish(1, live: 400, peak: 900, usable: 500)
    track.sample()
    track.publish(0, live: 10, peak: 600, usable: 10)
    track.sample()
    #expect(track.summary.pointee.peakLive == 1_000)
    #expect(track.summary.pointee.waste == 100)
  }

  @Test func `bytes under way between lanes are alive`() throws {
    let mailboxes = try Mailboxes(lanes: 2)
    defer { mailboxes.unmap() }
    try mailboxes.configure(threads: 2, consumers: 1)
    let track = MemoryTrack(lanes: 2)
    let word = UnsafeMutableRawPointer(bitPattern: 16)!
    mailboxes.send(from: 0, word, size: 700) { _, _ in }
    track.publish(0, live: 100, peak: 150, usable: 100, inFlight: mailboxes.bytesInFlight(from: 0))
    track.sample()
    #expect(track.samples[0].live == 800)
    #expect(track.summary.pointee.peakLive == 850)
    #expect(track.summary.pointee.waste == 0)
    mailboxes.drain(1) { _, _ in }
    #expect(mailboxes.bytesInFlight(from: 0) == 0)
    track.sampleParked()
    #expect(track.samples[1].live == 100)
  }
}
