/* The mailboxes of Sources/Engine/Replay/Mailboxes+Exchange.swift: LANES lanes, each sending PARCELS parcels a round to
 * the next one (with -DCONSUMER: all but the last to the last), through rings of CAPACITY entries that ring the other
 * side once in INTERVAL parcels, in ROUNDS rounds with no gate between them. A lane may look into its mailbox before
 * any parcel, or not. Checked: every parcel is received once and in order, nothing is missing when a lane has
 * finished, no ring overflows, and all lanes end (no deadlock, no lost wake-up: spin reports the block).
 *
 * The event is the program's: announce, look again, sleep; ring = look, take the announcement back, wake. Steps
 * interleave at every shared word. Interleavings are sequentially consistent, which the program gets where it matters
 * from the full fences of LaneEvent.
 *
 * -DBUG_NO_RECHECK  sleeps without looking again after the announcement.
 * -DBUG_NO_FLUSH    rings the receiver neither before it waits for room nor when it is done.
 * -DBUG_NO_OWN      waits for room without emptying its own mailbox.
 * -DBUG_ORDER       looks whether the senders are done only after it has emptied the mailbox.
 */
#ifndef LANES
#define LANES 3
#endif
#ifndef PARCELS
#define PARCELS 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef CAPACITY
#define CAPACITY 1
#endif
#ifndef INTERVAL
#define INTERVAL 1
#endif

#ifdef CONSUMER
#define receiver (LANES - 1)
#define sends (_pid < LANES - 1)
#define first_sender 0
#define last_sender (LANES - 2)
#define receives (_pid == LANES - 1)
#else
#define receiver ((_pid + 1) % LANES)
#define sends true
#define first_sender ((_pid + LANES - 1) % LANES)
#define last_sender first_sender
#define receives true
#endif

typedef ring_t { byte entry[CAPACITY] };
ring_t ring[LANES];           /* by sender, as are the next three */
byte written[LANES];
byte read[LANES];
byte closed[LANES];
bool asleep[LANES];           /* the event's word: who sleeps does so while it is true */

inline ring_event(lane) {
  if
  :: asleep[lane] -> asleep[lane] = false
  :: else
  fi
}

/* Sets `found` if there is something. */
inline drain() {
  found = false;
  if
  :: receives ->
    sender = first_sender;
    do
    :: d_step { taken = read[sender]; end = written[sender] };   /* only this lane writes `read` */
      do
      :: taken == end -> break
      :: else ->
        found = true;
        /* Nobody else looks at the entry before `read` is published, so this is one step. */
        d_step {
          got[sender]++;
          assert(ring[sender].entry[taken % CAPACITY] == got[sender]);
          ring[sender].entry[taken % CAPACITY] = 0;
          taken++
        };
        if
        :: taken % INTERVAL == 0 -> read[sender] = taken; ring_event(sender)
        :: else
        fi
      od;
      if
      :: read[sender] != end -> read[sender] = end
      :: else
      fi;
      if
      :: sender == last_sender -> break
      :: else -> sender++
      fi
    od;
    atomic { sender = 0; taken = 0; end = 0 }
  :: else
  fi
}

inline look_for_parcels(answer) {
  answer = false;
  if
  :: receives ->
    sender = first_sender;
    do
    :: if
      :: written[sender] != read[sender] -> answer = true; break
      :: else
      fi;
      if
      :: sender == last_sender -> break
      :: else -> sender++
      fi
    od;
    sender = 0
  :: else
  fi
}

inline look_whether_all_closed(answer) {
  answer = true;
  if
  :: receives ->
    sender = first_sender;
    do
    :: if
      :: closed[sender] < round -> answer = false; break
      :: else
      fi;
      if
      :: sender == last_sender -> break
      :: else -> sender++
      fi
    od;
    sender = 0
  :: else
  fi
}

#define is_full (written[_pid] - read[_pid] == CAPACITY)

inline make_room() {
#ifndef BUG_NO_FLUSH
  ring_event(receiver);
#endif
  do
  :: !is_full -> break
  :: is_full ->
#ifndef BUG_NO_OWN
    drain();
#endif
    if
    :: found -> found = false
    :: else ->
      asleep[_pid] = true;
#ifdef BUG_NO_RECHECK
      !asleep[_pid]
#else
      if
      :: !is_full -> asleep[_pid] = false
      :: else ->
#ifndef BUG_NO_OWN
        look_for_parcels(found);
#endif
        if
        :: found -> found = false; asleep[_pid] = false
        :: else -> !asleep[_pid]
        fi
      fi
#endif
    fi
  od;
  atomic {
    stop = (written[_pid] / INTERVAL + 1) * INTERVAL;
    if
    :: read[_pid] + CAPACITY < stop -> stop = read[_pid] + CAPACITY
    :: else
    fi
  }
}

inline send() {
  if
  :: written[_pid] == stop -> make_room()
  :: else
  fi;
  d_step {
    assert(ring[_pid].entry[written[_pid] % CAPACITY] == 0);
    ring[_pid].entry[written[_pid] % CAPACITY] = written[_pid] + 1
  };
  written[_pid]++
}

inline finish() {
  closed[_pid]++;
#ifndef BUG_NO_FLUSH
  if
  :: sends -> ring_event(receiver)
  :: else
  fi;
#endif
  do
  :: true ->
#ifdef BUG_ORDER
    drain();
    look_whether_all_closed(last);
#else
    look_whether_all_closed(last);
    drain();
#endif
    if
    :: last -> break
    :: !last && found -> found = false
    :: else ->
      asleep[_pid] = true;
#ifdef BUG_NO_RECHECK
      !asleep[_pid]
#else
      look_for_parcels(found);
      if
      :: found -> found = false; asleep[_pid] = false
      :: else ->
        look_whether_all_closed(last);
        if
        :: last -> asleep[_pid] = false
        :: else -> !asleep[_pid]
        fi
      fi
#endif
    fi
  od;
  atomic {
    found = false;
    last = false;
    if
    :: receives ->
      sender = first_sender;
      do
      :: assert(got[sender] >= round * PARCELS);
        if
        :: sender == last_sender -> break
        :: else -> sender++
        fi
      od;
      sender = 0
    :: else
    fi
  }
}

active [LANES] proctype lane() {
  byte got[LANES];            /* parcels received, by sender */
  byte sender, taken, end, stop, sent;
  byte round = 1;
  bool found, last;
  do
  :: round > ROUNDS -> break
  :: else ->
    do
    :: !sends || sent == PARCELS -> break
    :: sends && sent < PARCELS ->
      if
      :: drain(); found = false
      :: skip
      fi;
      send();
      sent++
    od;
    sent = 0;
    finish();
    round++
  od
}
