import CPlatform
import Testing

@testable import Engine

/// A lane's backend without a lane; its caches are emptied at the end.
struct BackendFixture: ~Copyable {
  let backend: UnsafeMutablePointer<ContextBackend>

  init() {
    backend = .allocate(capacity: 1)
    backend.initialize(to: ContextBackend())
  }

  deinit {
    backend.pointee.emptyCaches()
    backend.deallocate()
  }

  func create<Kind: ContextKind>(
    _ kind: Kind.Type, below parent: MemoryContext? = nil, _ sizes: ContextSizes = .standard
  ) throws -> MemoryContext {
    MemoryContext(try obtained(Kind.create(backend, below: parent, sizes)))
  }

  func createSlab(of chunk: Int, below parent: MemoryContext? = nil) throws -> MemoryContext {
    var sizes = ContextSizes.standard
    sizes.chunk = chunk
    return try create(SlabContext.self, below: parent, sizes)
  }
}

/// What reset callbacks have said, in order.
final class ContextDiary {
  var entries: [Int] = []

  /// Has `entry` written when `context` is reset or deleted; what that needs lies in the context itself.
  func register(_ entry: Int, in context: MemoryContext) throws {
    struct Note {
      let diary: Unmanaged<ContextDiary>
      let entry: Int
    }
    let note = try obtained(context.allocate(MemoryLayout<Note>.size)).bindMemory(to: Note.self, capacity: 1)
    note.initialize(to: Note(diary: .passUnretained(self), entry: entry))
    let memory = try obtained(context.allocate(MemoryLayout<ResetCallback>.size))
    let callback = memory.bindMemory(to: ResetCallback.self, capacity: 1)
    callback.initialize(
      to: ResetCallback(note) { context in
        guard let note = context?.assumingMemoryBound(to: Note.self).pointee else { return }
        note.diary.takeUnretainedValue().entries.append(note.entry)
      })
    context.addResetCallback(callback)
  }
}
