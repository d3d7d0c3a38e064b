/// Counting and giving back the free objects of a shared pool: only while all its lanes are parked.
struct FixedSharedIdle {
  let depot: FixedSharedDepot
  let classCount: Int
  /// Lane 0's racks, one a class; the next lane's are `laneStride` bytes on.
  let racks: UnsafeMutableRawPointer
  let laneStride: Int
  let lanes: Int

  private func forEachRack(_ body: (UnsafeMutablePointer<FixedSharedRack>) -> Void) {
    for lane in 0..<lanes {
      let first = (racks + lane * laneStride).assumingMemoryBound(to: FixedSharedRack.self)
      for index in 0..<classCount { body(first + index) }
    }
  }

  /// Keeps of all free objects those that `keeps` says.
  private func filter(_ keeps: (UnsafeMutableRawPointer) -> Bool) {
    forEachRack { $0.pointee.filter(keeps) }
    for index in 0..<classCount {
      let capacity = depot.classes[index].capacity
      let visited = MagazineStack()
      while let magazine = depot.classes[index].full.pop() {
        let top = magazine.storedTop
        magazine.sealed(capacity: capacity)
        let kept = Magazine.filtered(top, keeps)
        if Magazine.isEmpty(kept) {
          depot.empties.pointee.push(magazine)
        } else {
          magazine.storedTop = kept
          visited.push(magazine)
        }
      }
      while let magazine = visited.pop() { depot.classes[index].full.push(magazine) }
    }
  }

  /// Objects in use up to the largest class. O(free objects + chunks).
  func liveCount() -> Int {
    var live = 0
    for index in 0..<depot.chunks.pointee.count {
      let chunk = depot.chunks.pointee[index]
      if chunk.sizeClass != FixedSharedDepot.magazineClass { live += depot.classes[chunk.sizeClass].carved(chunk) }
    }
    filter { _ in
      live -= 1
      return true
    }
    return live
  }

  /// Unmaps the chunks none of whose objects is in use. O(free objects × log chunks). Magazines stay.
  func release() {
    let chunks = depot.chunks
    for index in 0..<chunks.pointee.count { chunks.pointee[index].idle = 0 }
    filter {
      chunks.pointee[chunks.pointee.index(of: $0)].idle += 1
      return true
    }
    for index in 0..<chunks.pointee.count {
      let chunk = chunks.pointee[index]
      chunks.pointee[index].isReleasable =
        chunk.sizeClass != FixedSharedDepot.magazineClass && chunk.idle == depot.classes[chunk.sizeClass].carved(chunk)
    }
    filter { !chunks.pointee[chunks.pointee.index(of: $0)].isReleasable }
    for index in 0..<classCount { depot.classes[index].forgetReleasable(in: chunks.pointee) }
    chunks.pointee.remove { $0.isReleasable }
  }
}
