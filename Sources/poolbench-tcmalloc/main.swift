import CTcmalloc
import Engine
import Glibc

exit(Engine.run(allocator: pb_tcmalloc_allocator()))
