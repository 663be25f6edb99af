#!/bin/bash
# One run as an array of eight tasks that share a session (Slurm 22.05 or later): write settings.sh, then ./submit.sh
#
# Each task has the rows of some users, by its index, and files of its own beside the CSV; the last job makes them one. Another
# round goes on with what is left, with as many tasks as you like: sbatch --array=0-4 shards.sbatch in between.
set -eu
cd "$(dirname "$0")"

login=$(sbatch --parsable login.sbatch)
shards=$(sbatch --parsable --dependency="afterok:$login" --kill-on-invalid-dep=yes shards.sbatch)
# Also when some rows or tasks failed: it says which task has to be run again.
merge=$(sbatch --parsable --dependency="afterany:$shards" merge.sbatch)
echo "login $login, shards $shards, merge $merge: squeue --me shows them, *.log says how they went"
