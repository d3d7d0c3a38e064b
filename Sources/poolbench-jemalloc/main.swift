import CJemalloc
import Engine
