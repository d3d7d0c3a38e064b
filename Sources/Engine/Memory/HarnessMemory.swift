import CPlatform
import Synchronization

/// Memory of the harness's own: mapped, never from the subject's heap, and counted so that it can be told apart
/// from the subject's in the process's resident memory.
enum HarnessMemory {
  /// Bytes mapped through `map` and not yet unmapped, whole pages. All of them are resident.
  static let mappedBytes = Atomic<Int>(0)

  static func roundedToPages(_ bytes: Int) -> Int {
    let page = pb_page_size()
    return (max(bytes, 1) + page - 1) / page * page
  }

  /// Zeroed resident memory at a page boundary. Running out of memory for the harness itself ends the process with a
  /// message: nothing can be measured then.
  static func map(_ bytes: Int) -> UnsafeMutableRawPointer {
    let length = roundedToPages(bytes)
    guard let address = pb_map(length, true) else { harnessFailure("cannot map \(length) bytes for the harness") }
    mappedBytes.add(length, ordering: .relaxed)
    return address
  }

  /// Counts resident bytes that others have mapped for the harness.
  static func count(_ bytes: Int) { mappedBytes.add(bytes, ordering: .relaxed) }

  static func unmap(_ address: UnsafeMutableRawPointer, _ bytes: Int) {
    let length = roundedToPages(bytes)
    pb_unmap(address, length)
    mappedBytes.subtract(length, ordering: .relaxed)
  }
}

/// An array of plain values in mapped memory, grown by doubling. Copies share the storage; one owner frees it.
struct MappedArray<Element: BitwiseCopyable> {
  private(set) var base: UnsafeMutablePointer<Element>
  private(set) var capacity: Int
  var count = 0

  /// Room for at least `capacity` elements, all bits zero.
  init(capacity: Int) {
    let bytes = HarnessMemory.roundedToPages(max(capacity, 1) * MemoryLayout<Element>.stride)
    let raw = HarnessMemory.map(bytes)
    self.capacity = bytes / MemoryLayout<Element>.stride
    base = raw.bindMemory(to: Element.self, capacity: self.capacity)
  }

  /// As `array`.
  init(_ array: [Element]) {
    self.init(capacity: array.count)
    for element in array { append(element) }
  }

  subscript(index: Int) -> Element {
    @inline(__always) get { base[index] }
    @inline(__always) nonmutating set { base[index] = newValue }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { reserve(count + 1) }
    base[count] = element
    count &+= 1
  }

  /// Makes room for `needed` elements, at least doubling; the contents stay, addresses do not.
  @inline(never)
  mutating func reserve(_ needed: Int) {
    if needed <= capacity { return }
    var larger = MappedArray(capacity: max(needed, capacity * 2))
    larger.base.update(from: base, count: capacity)
    larger.count = count
    free()
    self = larger
  }

  func free() { HarnessMemory.unmap(base, capacity * MemoryLayout<Element>.stride) }
}

/// Ends the worker because the harness itself cannot go on.
func harnessFailure(_ message: String) -> Never {
  var text = "poolbench worker: \(message)\n"
  text.withUTF8 { pb_write_error($0.baseAddress, $0.count) }
  pb_exit(71)
}
