# What the jobs share. It is read by all of them: nothing secret stands here, only where it is.
export CENTAGATE_SERVER=https://centagate.ministry.example
export CENTAGATE_ADMIN=provisioning-admin
# Files on the login node's and all other nodes' file system, readable by you alone (chmod 600).
export CENTAGATE_PASSWORD_FILE="$HOME/centagate/password"
export CENTAGATE_INTEGRATION_KEY_FILE="$HOME/centagate/integration-key"
export CENTAGATE_INTEGRATION_SECRET_FILE="$HOME/centagate/integration-secret"

# The CSV, in a folder that all nodes see and nobody else may write to: the results come beside it.
INPUT="$HOME/centagate/department.csv"
SESSION="$HOME/centagate/session"
