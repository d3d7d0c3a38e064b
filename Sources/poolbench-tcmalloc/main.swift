import CTcmalloc
import Engine
