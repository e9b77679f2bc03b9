#pragma once

namespace foretime {

/// What it takes until one thread sees what the next one wrote, in µs, on the processors that this thread may
/// run on; a round through all of them, shared out. Where they have a cache in common it is a few hundredths
/// of a microsecond, elsewhere several times as much; and a hypervisor moves its guests' processors from one
/// place to the other while they run, so that networks on several threads take up to two thirds longer for
/// seconds. 0: not known, since there is one thread, or since there are more processors than threads and
/// nobody can tell which of them compute. Takes less than 10 ms.
double message_us(int threads);

}  // namespace foretime
