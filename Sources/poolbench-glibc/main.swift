import CGlibc
import Engine
import Glibc

exit(Engine.run(allocator: pb_glibc_allocator()))
