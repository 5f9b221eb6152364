"""What is set before torch is imported has to count."""

import os
import sys

early = "torch" not in sys.modules
os.environ["OMP_NUM_THREADS"] = "1"
import torch  # noqa: E402

print(torch.get_num_threads(), early)
