import CJemalloc
import Engine
import Glibc

exit(Engine.run(allocator: pb_jemalloc_allocator()))
