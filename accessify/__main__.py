from accessify.cli import main

main()
