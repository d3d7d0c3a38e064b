/* The gate of Sources/Engine/Replay/Gate.swift: PARTIES threads meet MEETINGS times, alternating between the two ways
 * of use (among equals; with a coordinator). Checked: nobody leaves a meeting that somebody has not reached, the
 * coordinator is alone between the arrivals and the release, and all end (no lost wake-up: spin reports the block).
 *
 * futex_wait is one atomic step "if the word is as expected, sleep", as the kernel guarantees; a waker takes the
 * sleepers of its word out of the queue. Words are read in steps of their own before that, as in the program.
 *
 * -DBUG_SLIP  reads the generation after arriving: a party may take the next meeting's opening for its own.
 * -DBUG_RESET resets the count after opening: an arrival at the next meeting may be wiped out.
 */
#ifndef PARTIES
#define PARTIES 3
#endif
#define MEETINGS 4
#define COORDINATOR PARTIES

byte arrived;
byte generation;
bool sleeping[PARTIES + 1];   /* in the kernel's queue: parties on `generation`, the coordinator on `arrived` */
byte reached[PARTIES];        /* meetings that a party has come to */
bool alone;                   /* the coordinator is between the arrivals and the release */

#define with_coordinator(meeting) ((meeting) % 2 == 1)

inline wake_parties() {
  d_step {
    byte p = 0;
    do
    :: p < PARTIES -> sleeping[p] = false; p++
    :: else -> break
    od
    p = 0
  }
}

inline release() {
#ifdef BUG_RESET
  generation++;
  arrived = 0;
#else
  arrived = 0;
  generation++;
#endif
  wake_parties()
}

inline sleep_through(closed) {
  do
  :: generation != closed -> break
  :: generation == closed ->
    if
    :: atomic { generation == closed -> sleeping[_pid] = true }; !sleeping[_pid]
    :: generation != closed
    fi
  od
}

active [PARTIES] proctype party() {
  byte meeting = 0, closed, last, other;
  do
  :: meeting == MEETINGS -> break
  :: else ->
    reached[_pid]++;
    assert(!alone);
#ifndef BUG_SLIP
    closed = generation;
#endif
    atomic { arrived++; last = (arrived == PARTIES) };
#ifdef BUG_SLIP
    closed = generation;
#endif
    if
    :: with_coordinator(meeting) ->
      if
      :: last -> sleeping[COORDINATOR] = false
      :: else
      fi;
      sleep_through(closed)
    :: else ->
      if
      :: last -> release()
      :: else -> sleep_through(closed)
      fi
    fi;
    meeting++;
    d_step {
      other = 0;
      do
      :: other < PARTIES -> assert(reached[other] >= meeting); other++
      :: else -> break
      od;
      other = 0
    }
  od
}

active proctype coordinator() {
  byte meeting = 1, count, other;
  do
  :: meeting >= MEETINGS -> break
  :: else ->
    /* The coordinator comes when the meeting before it, among equals, is over. */
    generation >= meeting;
    do
    :: count = arrived;
      if
      :: count == PARTIES -> break
      :: else
      fi;
      if
      :: atomic { arrived == count -> sleeping[COORDINATOR] = true }; !sleeping[COORDINATOR]
      :: arrived != count
      fi
    od;
    alone = true;
    d_step {
      other = 0;
      do
      :: other < PARTIES -> assert(reached[other] == meeting + 1); other++
      :: else -> break
      od;
      other = 0
    }
    alone = false;
    release();
    meeting = meeting + 2
  od
}
