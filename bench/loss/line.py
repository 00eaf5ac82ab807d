"""A line between two network namespaces that loses packets: line.py LEFT RIGHT LOSS BITS_PER_SECOND.

Creates the tun devices LEFT and RIGHT, says so, and then hands packets from one to the other, each way on its own: at that
rate, through a queue of 50 as a router has, and dropping that share of them by chance. Netem does the same where the kernel
has it.
"""
import collections, fcntl, os, random, select, struct, sys, time

TUNSETIFF, IFF_TUN, IFF_NO_PI, QUEUE = 0x400454CA, 1, 0x1000, 50


def device(name):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


left, right = device(sys.argv[1]), device(sys.argv[2])
loss, rate = float(sys.argv[3]), float(sys.argv[4])
print("ready", flush=True)
chance = random.Random(5)
other = {left: right, right: left}
queues = {left: collections.deque(), right: collections.deque()}  # by where the packets came from
free = {left: 0.0, right: 0.0}  # when the last of a queue will have left
while True:
    now = time.monotonic()
    for source, queue in queues.items():
        while queue and queue[0][0] <= now:
            try:
                os.write(other[source], queue.popleft()[1])
            except OSError:
                pass  # the other end is not up
    due = [queue[0][0] for queue in queues.values() if queue]
    for source in select.select([left, right], [], [], max(0, min(due) - now) if due else 1)[0]:
        packet = os.read(source, 65536)
        if chance.random() >= loss and len(queues[source]) < QUEUE:
            free[source] = max(time.monotonic(), free[source]) + len(packet) * 8 / rate
            queues[source].append((free[source], packet))
