"""Many scenes: which ones, what is finished, in this process or on a Ray pool, and the summary.

Read ``scene_list`` and ``scene_worker``, then ``ray_pool`` for several processes.
"""
