import CGlibc
import Engine
